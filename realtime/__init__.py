"""Sockets and media signalling: knows streams, not meetings."""
