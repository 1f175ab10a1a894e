"""Reads a person's journal for the invariant of the product: exactly one leads while they are supported (J2)."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from shared.event import Recorded

WAYS_OUT = {"pathway.managing-independently", "pathway.left", "pathway.moved"}


def leads(events: Iterable[Recorded]) -> UUID | None:
    """Replay every position and give who leads at the end.

    Raises AssertionError at a position where a supported person has no lead, or a change does not begin with the
    lead that there was: then two would lead, or one would have gone unsaid.
    """
    lead: str | None = None
    supported = False
    began = False
    for event in events:
        if event.type == "pathway.lead-changed":
            assert event.data["was"] == lead, f"position {event.seq}: a lead from nowhere"
            lead = event.data["now"]
            began = True
        supported = _supported(event, supported=supported, began=began)
        assert not supported or lead is not None, f"position {event.seq}: {event.type} leaves nobody leading"
    assert supported or lead is None, "somebody leads a person who is not supported"
    return None if lead is None else UUID(lead)


def _supported(event: Recorded, *, supported: bool, began: bool) -> bool:
    if event.type in WAYS_OUT:
        return False
    first = event.type == "pathway.lead-changed" and event.data["was"] is None and event.data["why"] == "arrived"
    return supported or (began and (first or event.type == "pathway.returned"))
