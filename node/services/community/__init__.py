"""Use cases of talking: opinions on a proposal, replies under it, flags to the operators, farewells."""
