"""The tests: what the rules promise, tried from the smallest rule to the whole journey and its faults."""
