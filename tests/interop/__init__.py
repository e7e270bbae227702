"""Programs of other people, live, against a node of ours; called by pytest."""
