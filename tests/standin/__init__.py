"""A publisher on this machine, for tests."""
