"""Somebody is asked to look at somebody: rung by rung, until a human says that they are on it (W1)."""
