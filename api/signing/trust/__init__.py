"""Those who vouch for certificates and time: OCSP, CRL and time-stamping services."""
