"""Sending again what went out, and the log that a subscriber sees: its own, and only what went on the wire."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from shared.event import Part
from shared.events.pathway import DriftingEnded
from shared.ids import new_id
from tests.support.notify_doubles import partner, stand_in, subscribed, told
from tests.support.notify_servers import Script, receiving, reply
from tests.support.place import a_place

if TYPE_CHECKING:
    from pathlib import Path

SERVICES = ("notify",)


async def test_one_delivery_is_sent_again_with_its_id_and_number(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        around, by, person = stand_in(place), partner(), new_id()
        await subscribed(place, by, script)
        around.choices.permit(by, person, Part.JOURNEY)
        await told(place, DriftingEnded(subject=person))
        async with place.client(by) as http:
            newest = (await http.get("/v1/deliveries")).json()["items"][0]
            answered = await http.post(f"/v1/deliveries/{newest['id']}/replay")
            assert (answered.status_code, answered.json()["status"]) == (202, "on-its-way")
            await place.settle()
            assert (await http.get("/v1/deliveries")).json()["items"][0]["status"] == "delivered"
        first, second = script.about(person)
        assert first == second


async def test_a_range_is_sent_again_from_an_order_number_on_and_in_order(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        around, by, person = stand_in(place), partner(), new_id()
        made = await subscribed(place, by, script)
        around.choices.permit(by, person, Part.JOURNEY)
        await told(place, *[DriftingEnded(subject=person)] * 5)
        async with place.client(by) as http:
            sent = {"person": str(person), "since": 3}
            assert (await http.post(f"/v1/subscriptions/{made['id']}/replay", json=sent)).status_code == 202
        await place.settle()
        assert [each["order"] for each in script.about(person)] == [1, 2, 3, 4, 5, 3, 4, 5]
        await told(place, DriftingEnded(subject=person))
        assert script.about(person)[-1]["order"] == 6


async def test_what_was_sent_is_not_sent_again_after_a_withdrawal__c7(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        around, by, person = stand_in(place), partner(), new_id()
        made = await subscribed(place, by, script)
        around.choices.permit(by, person, Part.JOURNEY)
        await told(place, *[DriftingEnded(subject=person)] * 3)
        around.choices.may.clear()
        async with place.client(by) as http:
            before = (await http.get("/v1/deliveries")).json()
            await http.post(f"/v1/subscriptions/{made['id']}/replay", json={"person": str(person)})
            await place.settle()
            after = (await http.get("/v1/deliveries")).json()
        assert len(script.about(person)) == 3
        assert [each["status"] for each in after["items"]] == [each["status"] for each in before["items"]]


async def test_the_log_pages_without_totals_and_tells_of_nobody__c4(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        around, by, person = stand_in(place), partner(), new_id()
        made = await subscribed(place, by, script)
        around.choices.permit(by, person, Part.JOURNEY)
        await told(place, *[DriftingEnded(subject=person)] * 4)
        async with place.client(by) as http:
            whole = (await http.get("/v1/deliveries")).json()
            first = (await http.get("/v1/deliveries", params={"limit": 3, "subscription": made["id"]})).json()
            rest = (await http.get("/v1/deliveries", params={"limit": 3, "after": first["next"]})).json()
            assert (await http.get("/v1/deliveries", params={"after": str(new_id())})).status_code == 404
            assert (await http.get("/v1/deliveries", params={"limit": 101})).status_code == 422
        assert first["items"] + rest["items"] == whole["items"]
        assert set(rest) == {"items"}
        assert str(person) not in str(whole)
        assert "drifting" not in str(whole)


async def test_the_log_shows_only_what_went_on_the_wire__c4(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving(Script([reply(204), reply(500)])) as script:
        around, by, person, other = stand_in(place), partner(), new_id(), new_id()
        await subscribed(place, by, script)
        around.choices.permit(by, person, Part.JOURNEY)
        await told(place, *[DriftingEnded(subject=person)] * 3, *[DriftingEnded(subject=other)] * 3)
        async with place.client(by) as http:
            (trying, _) = (await http.get("/v1/deliveries")).json()["items"]
            assert (trying["status"], trying["last_answer"], trying["tries"]) == ("on-its-way", 500, 1)


async def test_the_log_forgets_after_thirty_days(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        stand_in(place)
        by = partner()
        await subscribed(place, by, script)
        await place.pass_time(timedelta(days=31))
        async with place.client(by) as http:
            assert (await http.get("/v1/deliveries")).json() == {"items": []}
