"""A partner system's wish to be told: where, of what, and the secret that signs it."""
