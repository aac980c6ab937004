"""Keys of officials that are kept elsewhere and sign many documents under one authorisation."""
