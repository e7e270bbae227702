"""What travels through the member door: one file per noun, pydantic models, a sentence where a name does not say it.

`…In` is what a client sends; every other shape is what it gets. Unknown fields are refused.
"""
