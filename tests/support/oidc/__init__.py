"""Identity providers for tests: a real one, run by node, and one that lies."""
