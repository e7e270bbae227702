"""What surrounds every page: who looks, headers, forms, templates made into answers, and error pages."""
