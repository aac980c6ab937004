"""Meetings: paperless, documents first."""
