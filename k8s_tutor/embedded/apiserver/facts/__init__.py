"""Facts about the wire form of the built-in types that OpenAPI does not tell (see `generate.py`)."""
