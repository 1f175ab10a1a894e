"""Texts and mails: where they go, when they may, what they say. They name nobody and give no reason."""
