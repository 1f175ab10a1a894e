"""Passages that a person withholds from an organisation, a role or a named person (S4)."""
