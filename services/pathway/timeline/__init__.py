"""Every event about a person, in order, in plain words (J11)."""
