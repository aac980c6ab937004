"""What a phone may keep to search without a network."""
