"""The agenda and its documents: who may read what, when, and who has."""
