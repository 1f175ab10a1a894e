"""Timings, never asserted: ``make bench`` prints a table and writes ``bench.json``."""
