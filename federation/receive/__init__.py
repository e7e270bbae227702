"""From bytes of a peer to a VerifiedActivity in the hands of a handler.

gate → verify → authorize → record, answered 202 after the commit; then dispatch, from a job row.
"""
