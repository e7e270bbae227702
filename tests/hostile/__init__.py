"""What hostile peers and strangers send, over real HTTP to a real node: a defined answer, no effect, no harm."""
