"""Reliefs as pages show them: steps, stock, plans with their reasons, ways, appeals, the log, and what one may do."""
