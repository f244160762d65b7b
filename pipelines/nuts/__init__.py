"""NUTS codes, vintages and conversion between them."""
