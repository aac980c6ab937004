"""Invitations: calendar files, answers, delegates, reminders."""
