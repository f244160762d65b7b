"""Minutes and access for any number of cells: chunk by chunk, on one machine or on many."""
