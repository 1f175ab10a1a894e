"""The one point that answers every disclosure (C3)."""
