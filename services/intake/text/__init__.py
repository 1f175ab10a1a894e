"""Texts that came in."""
