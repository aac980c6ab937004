"""The inbox: every notification, whatever became of its push."""
