"""Commands of whoever runs a node for what comes up now and then: work that stands still, another address."""
