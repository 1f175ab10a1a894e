"""Contacts made, tried and turned down; promises; drifting (J8, J9)."""
