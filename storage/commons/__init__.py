"""What the node remembers of the commons: offers."""
