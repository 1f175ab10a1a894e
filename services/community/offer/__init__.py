"""What an organisation offers, whom it has in mind, and how to come (M3)."""
