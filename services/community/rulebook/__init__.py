"""The numbers that a place goes by: one file that the leaders' group has signed, never below the floors (M6)."""
