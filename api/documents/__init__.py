"""Documents: incoming and outgoing, from registration to issue."""
