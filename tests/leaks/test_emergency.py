"""In a whole place emergency access opens plan and safe contact and not one route more (C5)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.leaks.test_twins import filled, routes_about
from tests.support.whole_place import WholePlace, whole_place

if TYPE_CHECKING:
    from pathlib import Path

THEIRS = re.compile(r"^/v1/people/\{[^}]+\}/(plan|plans|reach|support-plan)$")


async def read(here: WholePlace) -> dict[str, int]:
    """Read every route about R as the house's practitioner."""
    paths = [path for method, path in routes_about(here) if method == "GET"]
    return {path: (await here.house.http.get(filled(path, here.r, here))).status_code for path in paths}


async def test_emergency_access_opens_the_routes_of_plan_and_safe_contact_alone__c5(tmp_path: Path) -> None:
    async with whole_place(tmp_path) as here:
        before = await read(here)
        assert set(before.values()) <= {403, 404}, [path for path, status in before.items() if status < 400]
        said = await here.house.http.post(f"/v1/people/{here.r}/emergency-access", json={"reason": "On the bridge."})
        assert said.status_code == 201, said.text
        opened = {path for path, status in (await read(here)).items() if status == 200}
        assert {each.rpartition("/")[2] for each in opened} >= {"plans", "reach"}
        assert all(THEIRS.match(each) for each in opened), opened
        assert (
            await here.group.http.post(f"/v1/people/{here.r}/emergency-access", json={"reason": "x"})
        ).status_code == 403


async def test_the_person_reads_of_each_reading_and_is_asked_nothing__c5_c6(tmp_path: Path) -> None:
    async with whole_place(tmp_path) as here:
        await here.house.http.post(f"/v1/people/{here.r}/emergency-access", json={"reason": "On the bridge."})
        await here.house.http.get(f"/v1/people/{here.r}/reach")
        await here.place.settle()
        looks = (await here.me.get(f"/v1/people/{here.r}/who-looked")).json()["items"]
        assert [(each["part"], each["emergency"]["reason"]) for each in looks if each["why"] == "emergency"] == [
            ("contact-details", "On the bridge."),
            ("name", "On the bridge."),
        ]
        timeline = (await here.me.get(f"/v1/people/{here.r}/timeline")).json()["items"]
        assert "Somebody used emergency access to the plan and safe contact." in {each["says"] for each in timeline}
