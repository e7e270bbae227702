"""Reliefs: what an assembly does in an emergency, from survey to delivery, as a fold over signed documents.

**Pure.** Used by the node's relief services and doors, by `rochdale relief check`, and by pages that explain a plan.
"""
