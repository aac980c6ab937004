"""Measurements: what is measured and how; run with `make bench` or `make bench-<part>`."""
