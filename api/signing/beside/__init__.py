"""Files beside a document that the agency seals with words alone: copies, and attachments."""
