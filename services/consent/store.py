"""Consent's store: choices and the ledger, on one connection."""

from __future__ import annotations

from services.consent.choice.store import ChoiceStore
from services.consent.ledger.store import LedgerStore


class ConsentStore(ChoiceStore, LedgerStore):
    """What consent keeps."""
