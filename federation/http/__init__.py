"""The doors for peers: inbox, outbox, actors, objects, and the well-known documents."""
