"""How things are said on a page: language, times, numbers, labels, rules and outcomes as sentences, addresses."""
