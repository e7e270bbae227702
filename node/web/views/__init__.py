"""Pure functions turning records into what a page shows: numbers, bars, sentences, the picture of the tree.

Called by the handlers of node.web; nothing here reads a store or a clock.
"""
