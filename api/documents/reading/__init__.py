"""Reading what no program has read yet."""
