"""Somebody who acts for an organisation: their hours, and whether people may be given their name (W1, J2b)."""
