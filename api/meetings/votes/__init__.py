"""Votes: by name, weighted, delegated; counted by rules that are kept with the result."""
