"""How co-ops speak and decide together.

ports       what the wire needs from the node, and what it hands to handlers
recent      what every request asks the database, read by one for all
opening     open_federation: one Federation from its parts
authoring   envelopes and proofs for what this body says
vocabulary  build and read documents; bundled contexts, never fetched
receive     gate, verify, authorize, record, dispatch: from bytes to a VerifiedActivity
deliver     durable rows to peers' inboxes, signed when sent
fetch       documents, actors and keys of peers, through one guarded client
http        the peer doors
peers       whom we know
assembly    pure: what a decision of bodies made of bodies is
"""
