"""The index: which documents hold which words; in the same database as the documents."""
