"""Arrivals by any door, and being recognised at one."""
