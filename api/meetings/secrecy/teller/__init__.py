"""What sets secret votes up, verifies and counts them: a port and its adapters."""
