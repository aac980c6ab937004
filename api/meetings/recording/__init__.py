"""Sound and pictures of a meeting, recorded by the decision of its chair alone."""
