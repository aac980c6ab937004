"""The layers around every route: who comes too fast, too slowly, with too much, or from nowhere."""
