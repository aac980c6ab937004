"""What proves a signature for decades: status of certificates, and time."""
