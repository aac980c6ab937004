"""Judging the signatures of any PDF."""
