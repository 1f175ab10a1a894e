"""How to reach somebody safely."""
