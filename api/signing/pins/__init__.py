"""Which certificate an official signs with: a new one is confirmed from their own device first."""
