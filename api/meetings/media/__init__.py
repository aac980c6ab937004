"""The ways to a meeting's media: which relays its people may use."""
