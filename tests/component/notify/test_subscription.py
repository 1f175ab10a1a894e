"""Subscriptions and what leaves by them: confirmed, signed, decided at the moment of sending, silent about a no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from standardwebhooks import WebhookVerificationError

from shared.event import Part, Role
from shared.events.community import OfferChanged
from shared.events.consent import ConsentEnded
from shared.events.intake import StoryTold
from shared.events.pathway import DriftingEnded, SteppedUp, PlanLineNotNow
from shared.event import Code
from shared.ids import new_id
from tests.support.notify_doubles import partner, say, stand_in, told
from tests.support.notify_servers import receiving, reply, verified
from tests.support.place import a_pass, a_place

if TYPE_CHECKING:
    from pathlib import Path

    from shared.passes import Pass
    from tests.support.notify_servers import Script
    from tests.support.place import Place

SERVICES = ("notify",)


async def subscribed(place: Place, by: Pass, script: Script, **body: Any) -> dict[str, Any]:
    """Make a subscription of everything and let its test event be answered."""
    sent = {"url": script.url(), "events": ["*"]} | body
    async with place.client(by) as http:
        answered = await http.post("/v1/subscriptions", json=sent)
    assert answered.status_code == 201, answered.text
    await place.settle()
    made: dict[str, Any] = answered.json()
    return made


async def test_a_subscription_is_confirmed_by_the_first_2xx_to_its_signed_test_event(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        stand_in(place)
        by = partner()
        made = await subscribed(place, by, script)
        assert made["state"] == "unconfirmed"
        (heard,) = script.heard
        assert verified(heard, made["secret"])["type"] == "notify.test"
        async with place.client(by) as http:
            now = (await http.get(f"/v1/subscriptions/{made['id']}")).json()
        assert now["state"] == "active"
        assert "secret" not in now
        assert await place.types("notify") == ["notify.subscription-confirmed"]


async def test_a_partner_is_told_what_the_person_permits_and_it_is_thin__c7(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        around, by, person = stand_in(place), partner(), new_id()
        made = await subscribed(place, by, script)
        around.choices.may.add((by.organisation, person, Part.JOURNEY))  # type: ignore[arg-type]
        await told(place, DriftingEnded(subject=person))
        (_, heard) = script.heard
        body = verified(heard, made["secret"])
        assert body["type"] == "pathway.drifting-ended"
        assert body["subject"] == str(person)
        assert body["order"] == 1
        assert body["dataref"].endswith(f"/v1/people/{person}/timeline")
        assert body["id"] == heard.headers["webhook-id"]
        assert set(body) == {"specversion", "id", "source", "type", "subject", "time", "order", "dataref"}
        assert heard.headers["content-type"].startswith("application/cloudevents+json")
