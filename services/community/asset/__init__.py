"""What a place already has, read from a directory into listed organisations with an offer each (M2)."""
