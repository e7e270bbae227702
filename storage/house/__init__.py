"""What the node remembers of its own house: body, keys, members, sessions."""
