"""The journeys as ``alongside demo`` tells them. Speaks HTTP only, as partner systems and people would.

People's own words stand in ``own_words``.
"""
