"""The floor: who speaks, who waits, and for how long."""
