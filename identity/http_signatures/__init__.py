"""Who sent this HTTP request: signatures that say so, and digests that tie them to the body.

digest         the ``Digest`` and ``Content-Digest`` headers, SHA-256 only
window         how old or new a signature may be
algorithms     RSA or Ed25519, the type of the key deciding
claim          what a draft-cavage Signature header says, field by field
cavage         draft-cavage-http-signatures-12, what the fediverse speaks first
fields         structured fields, as far as message signatures need them
message_claim  what the headers of a message signature say, label by label
rfc9421        HTTP message signatures, what the fediverse is moving to
"""
