"""Who is speaking, and how we know: keys, identifiers, signatures and proofs; knows nothing of co-ops, peers or tables.

errors           every reason this floor says no, drawn as one tree
canonical        one JSON value, one sequence of bytes (RFC 8785), and the digests documents are cited by
instants         the one way a moment is written into signed text, and read back
keys             key pairs, their public spellings (PEM, Multikey) and the sealing of private halves at rest
dids             did:key for members, did:web for nodes
http_signatures  who sent this request: draft-cavage signatures and the Digest header
proofs           who wrote this document: eddsa-jcs-2022 proofs and FEP-c390 identity statements
passphrases      argon2id, for members without a passkey
tokens           unguessable session tokens and what we store of them
"""
