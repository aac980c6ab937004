"""Second factors of local accounts, and stepping up with them before a grave deed."""
