"""People: what they like to be called and what they can be recognised by."""
