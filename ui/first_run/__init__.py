"""The first run: a page that asks for what an office has to say once."""
