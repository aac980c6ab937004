"""Minutes that several people write at once: one text, kept as a log of updates of Yjs."""
