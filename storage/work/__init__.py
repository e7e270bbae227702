"""What happened and what is still to do: activities, deliveries, jobs, events."""
