"""Lookup: find a document by any words of it, with or without diacritics."""
