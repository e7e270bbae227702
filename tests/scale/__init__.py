"""A federation of any size on one machine, without HTTP: real rules, real signatures, a real roll-up, a bad network.

tree     the bodies: who stands below whom, how its members vote, how it behaves (data from a seed)
papers   what each body signs: question, statute, outcome, position
network  lost, doubled, shuffled and late messages, and what an assembly makes of what arrives
play     every level from the bottom up
recount  the same outcome from the ground truth, by plain addition: the oracle
"""
