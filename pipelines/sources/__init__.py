"""One module a publisher: bytes in, a typed table in the publisher's own codes out."""
