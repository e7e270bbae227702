"""Bodies made of nodes: rules, statutes, positions and how they roll up, recomputable by anyone.

Pure: no I/O, clock or randomness. `node.governance` and the services of `node` call it.
"""
