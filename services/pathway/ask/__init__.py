"""I need more (J12)."""
