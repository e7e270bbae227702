"""What neighbours say and what is heard of it: offers, and hosts that are limited or blocked."""
