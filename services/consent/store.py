"""Consent's store: choices, passages withheld, emergency access and the ledger, on one connection."""

from __future__ import annotations

from services.consent.choice.store import ChoiceStore
from services.consent.emergency.store import EmergencyStore
from services.consent.ledger.store import LedgerStore
from services.consent.withholding.store import WithholdingStore


class ConsentStore(ChoiceStore, WithholdingStore, EmergencyStore, LedgerStore):
    """What consent keeps."""
