"""Documents of the wire: constants, strict JSON, builders, tolerant readers and bundled contexts."""
