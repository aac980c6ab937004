"""The acts of the story, in their order: arrival, direction, meeting, answer, proof."""
