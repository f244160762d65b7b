"""Projection, sphere and placement."""
