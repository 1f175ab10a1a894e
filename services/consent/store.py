"""Consent's store: choices, passages withheld and the ledger, on one connection."""

from __future__ import annotations

from services.consent.choice.store import ChoiceStore
from services.consent.ledger.store import LedgerStore
from services.consent.withholding.store import WithholdingStore


class ConsentStore(ChoiceStore, WithholdingStore, LedgerStore):
    """What consent keeps."""
