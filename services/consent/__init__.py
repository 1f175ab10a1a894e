"""Consent: theirs, at once.

Owns: what a person chose to share and said no to, the decision on every disclosure, the ledger of who looked.
Emits: given, said no, withdrawn, ended. Listens: community (which offers are crisis
services, which organisations have stopped).
"""
