"""The evidence of one signature in one ZIP, which an auditor reads and checks without us."""
