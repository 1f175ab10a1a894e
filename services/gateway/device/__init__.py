"""A device signed in for a group, and the PIN of each member on it (M1)."""
