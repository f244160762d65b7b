"""Hinterland's pipeline: from published files to typed, documented marts."""

__version__ = "0.2.0"
