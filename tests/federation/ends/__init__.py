"""The ends of a decision on real nodes: reminders, invalid positions, vetoes, second calls, ratifications."""
