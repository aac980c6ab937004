"""Tasks: who must do what by when."""
