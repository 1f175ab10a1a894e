"""Who matters to somebody, and whom to ring when they go quiet."""
