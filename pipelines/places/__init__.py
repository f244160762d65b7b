"""Social places: OpenStreetMap extracts and own lists."""
