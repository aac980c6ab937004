"""What is read and drawn from untrusted PDF files; every function here runs in the sandbox."""
