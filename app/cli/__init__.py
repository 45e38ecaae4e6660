"""The `antin` commands, one module a group."""
