"""Documents, actors and keys of peers, through one client that connects to nobody it should not."""
