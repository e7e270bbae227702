"""Pages of reliefs: the list, one relief, opening one, and the forms in which a body says something in it."""
