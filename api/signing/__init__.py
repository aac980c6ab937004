"""Requests for signature, and their signatures in the PDF."""
