"""How one co-op decides: proposals, ballots, rolls, counting, outcomes, and evidence that anyone can recompute.

Pure: no I/O, clock or randomness. Called by the services of `node`, which load, ask these rules, and store.
"""
