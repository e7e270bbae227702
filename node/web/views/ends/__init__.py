"""What stands around the close of an assembly's decision: who was reminded, who vetoed, what is still to come."""
