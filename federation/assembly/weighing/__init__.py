"""How much each constituent counts: the modes of G6, seats, caps, leaves, and the power that weights give.

Pure. Called by the roll-up and the simulator.
"""
