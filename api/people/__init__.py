"""People: agencies, units, officials and their devices."""
