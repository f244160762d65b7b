"""The hand-curated catalogue of documents, places, cases and practices."""
