"""Journey 1: from the assessment centre to the crisis house, and back among one's own people."""
