"""Plans: the safety plan as a ladder, and the care and support plan beside it (P1, P2, P6, P8)."""
