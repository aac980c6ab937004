"""The gateway: carries a content-free message to a phone."""
