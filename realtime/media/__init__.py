"""Voices and pictures of a room: whom the engine hears, and to whom it passes them on."""
