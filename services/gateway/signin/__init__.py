"""People and small groups: the one-time e-mail link, and the access tokens of everybody."""
