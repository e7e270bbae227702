"""What the benchmarks measure with: loads, counterparts, processes of their own, rows of the report."""
