"""Consent: theirs, at once.

Owns: what a person chose to share, said no to and withholds, emergency access, the decision on every disclosure, the
ledger of who looked. Emits: given, said no, withdrawn, ended, passage withheld and given back, emergency access used,
its review due. Listens: community (which offers are crisis services, which organisations have stopped).
"""
