"""On paper and in slides: PDF, DOCX, SVG and PNG, made without a network."""
