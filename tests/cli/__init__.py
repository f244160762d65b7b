"""Tests on a built database."""
