"""Texts that several people write at once, over the wire protocol of Yjs."""
