"""Needs, in the person's words."""
