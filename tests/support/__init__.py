"""What several tests share: builders, ports implemented for tests, and ways to wait. Nothing here is patched in."""
