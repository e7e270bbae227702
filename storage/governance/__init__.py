"""What the node remembers of deciding: statutes, proposals, rolls, ballots, positions, equivocations, evidence."""
