"""What tests share: a place to try things in, builders and implementations of ports."""
