"""Keys: pairs we hold, the public spellings peers exchange, and sealing of private halves at rest.

pairs      generate, store (PKCS#8 DER) and read back our own key pairs
multibase  base58-btc, the only multibase spoken here
multikey   Ed25519 public keys as ``z6Mk…``
pem        RSA and Ed25519 public keys as PEM, the spelling of ``publicKeyPem``
sealing    private bytes encrypted with the node's secret
"""
