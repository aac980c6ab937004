"""What is left of a meeting: conclusions that become tasks, minutes that are signed."""
