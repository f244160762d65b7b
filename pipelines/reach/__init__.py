"""Facilities, access to services and what if."""
