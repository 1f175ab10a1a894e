"""What a person chose: who may have which parts, what for and until when (C1)."""
