"""The bus: wakes every process when a stream has grown."""
