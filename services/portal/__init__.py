"""portal: the web pages. Owns nothing, keeps nothing, decides nothing: every page asks the JSON API under ``/v1`` as
whoever is signed in, so what a page shows and does is what the API would (ADR 0021).
"""
