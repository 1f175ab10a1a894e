"""What an organisation offers, whom it has in mind, and how to come (M3); directories read into the place (M2)."""
