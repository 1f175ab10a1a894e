"""How an organisation's people on duty are told that somebody needs them (W1)."""
