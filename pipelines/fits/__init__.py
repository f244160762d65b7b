"""Practices whose conditions a town meets."""
