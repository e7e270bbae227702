"""How every operation of the member door is read, guarded, answered and described; nouns live one folder up."""
