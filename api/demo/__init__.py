"""The demo: a believable ministry, and the story of an official's day over the network."""
