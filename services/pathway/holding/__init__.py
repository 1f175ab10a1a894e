"""Who leads, who walks alongside, who was chosen to lead next (J2)."""
