"""Partner systems: SMART Backend Services sign-in (``private_key_jwt``)."""
