"""Our PDFs: form fields, the signature of a leader, the number, the seal of an agency."""
