"""What may be lost without harm: replay guards, rate limits and caches, in memory or in Redis."""
