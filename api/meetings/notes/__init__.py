"""Annotations: private, shared, or a formal opinion; in the shape of W3C Web Annotations."""
