"""Tests with several real nodes that speak to each other over HTTP."""
