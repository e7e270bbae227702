"""What the node remembers of other nodes: peers and their keys, policies, follows, cursors, memberships, silence."""
