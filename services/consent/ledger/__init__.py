"""Who was let see what, when and why: written before it is answered, never changed (C6)."""
