"""What a place needs before it serves anybody: a backstop, and a duty line that was tried (J2a, W1)."""
