"""A hostile visitor: sends the server all that can be sent; nothing may come of it."""
