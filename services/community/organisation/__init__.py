"""A group, charity or public body of the place: it joins in minutes, and is vouched for (M1)."""
