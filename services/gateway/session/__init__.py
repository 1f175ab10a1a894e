"""Sessions: access tokens, how each was come by, when it ends, and how whoever it is theirs ends it."""
