"""Notifications to phones: knows devices, not tasks."""
