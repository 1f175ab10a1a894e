"""Ways out and the way back (J4, J7)."""
