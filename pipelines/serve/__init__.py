"""What the pages and exports read: a hardened store and one named function a query.

Nothing here imports streamlit, so that every number on screen is tested without it.
"""
