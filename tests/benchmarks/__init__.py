"""How fast the hot paths are, beside what limits them and beside a peer, in one run; called by `make bench`."""
