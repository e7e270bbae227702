"""activitypub-testsuite, somebody else's reading of ActivityPub, asks a node all that the node declares (P22)."""
