"""Many documents, one PIN: an official's SIM signs a list, and that releases their remote key."""
