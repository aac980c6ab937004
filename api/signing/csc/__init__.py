"""Our SIM credentials for others: the Cloud Signature Consortium's API, v1.0.4 and v2."""
