"""From stocks and criteria to allotments, gifts and transfers; whole numbers only, the same for every reader."""
