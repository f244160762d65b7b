"""One module a publisher: bytes to a typed table in the publisher's own codes."""
