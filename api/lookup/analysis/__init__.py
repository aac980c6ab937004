"""How text becomes terms: pure, versioned, the same for documents and queries on every engine."""
