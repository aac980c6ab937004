"""The acts of the story: arrival, direction, meeting, minutes, answer, proof."""
