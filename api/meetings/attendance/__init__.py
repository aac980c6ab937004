"""Attendance: who is here, since when, by which way; and whether that is enough."""
