"""The page that counts a decision again in a browser, in a real one, against the verifier of the node."""
