"""What several tests share: builders, ports implemented for tests, ways to wait. Nothing is patched in."""
