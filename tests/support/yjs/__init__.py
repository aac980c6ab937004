"""Editors of npm's yjs and y-websocket, unchanged, run by node."""
