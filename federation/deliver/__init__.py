"""From a signed activity to peers' inboxes: rows in the caller's transaction, sent and signed later."""
