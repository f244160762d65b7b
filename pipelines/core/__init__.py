"""Paths, errors, thresholds and the registry of sources: what every room may use."""
