"""Signing with the SIM of a phone, through the operator's signature service."""
