"""The members' pages, looked at and driven in a browser."""
