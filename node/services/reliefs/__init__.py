"""Reliefs: what an assembly does in an emergency, kept as a log of signed documents from which its state follows."""
