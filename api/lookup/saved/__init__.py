"""Saved searches: what an official asks once, and is told of when something new answers."""
