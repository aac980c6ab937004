"""Signing with the key of an agency, its electronic seal."""
