"""Minutes by a routing engine over the roads of an OpenStreetMap extract."""
