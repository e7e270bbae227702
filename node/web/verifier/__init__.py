"""A decision counted again in the reader's browser: one HTML file without network, from modules of plain JavaScript.

ground/    exact numbers, canonical JSON, SHA-256, proofs, strict reading
rules/     what federation.assembly does: rules, weighing, statutes, positions, roll-up
evidence/  what node.governance.evidence does: the bundle, the walk, the verdict
show/      the page: choosing a file, progress, verdict, tree
page.py    puts them together; served.py is its door

Whoever changes what a decision rests on changes the same here: a bundle with members unknown here is refused.
"""
