"""Nodes that are machines of their own: network namespaces with a switch between them, and https from door to door."""
