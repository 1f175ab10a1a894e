"""Stories in people's own words, and having to tell one again."""
