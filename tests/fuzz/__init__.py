"""Malformed files for every reader of what comes from outside."""
