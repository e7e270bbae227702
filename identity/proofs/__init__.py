"""Who wrote this document: Data Integrity proofs that travel inside it, checkable by anybody, offline.

eddsa_jcs_2022  the one cryptosuite we sign with (FEP-8b32, W3C vc-di-eddsa §3.3)
fep_c390        a statement that a did:key and an actor are the same party
"""
