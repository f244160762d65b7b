"""View helpers: maps, legends, charts, downloads, state in the address bar."""
