"""Blobs: stored files, named by their content and never changed."""
