"""A directory's file, listed through the API (M2)."""

from base64 import b64encode
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest

from services.community.asset.handlers import import_assets
from services.community.asset.reading import read_assets
from shared.event import Role
from shared.ids import new_id
from shared.passes import Origin, Pass
from tests.support.place import a_pass, a_place
from tests.support.setting_up import a_commissioned_body, a_steward

COMMUNITY = ("community",)
TRAFFORD = Path(__file__).resolve().parents[4] / "shared" / "data" / "trafford" / "mental_health_services.csv"
HEAD = "name,description,address,postcode,telephone,website\n"
LINES = HEAD + "".join(f"Group {n:02},Drop-in group,{n} High Street,M33 4BP,0161 496 0000,\n" for n in range(45))


async def post(steward: httpx2.AsyncClient, text: bytes | str) -> dict[str, Any]:
    raw = text if isinstance(text, bytes) else text.encode()
    answer = await steward.post("/v1/place/assets", json={"csv_base64": b64encode(raw).decode()})
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


def counts(report: dict[str, Any]) -> tuple[int, int, int, int]:
    return report["new"], report["changed"], report["same"], report["left_out"]


async def test_the_same_file_again_changes_nothing_and_a_changed_line_is_renewed__m2(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        steward = await a_steward(place)
        assert counts(await post(steward, LINES)) == (45, 0, 0, 0)
        before = len(await place.journal("community"))
        assert counts(await post(steward, LINES)) == (0, 0, 45, 0)
        assert len(await place.journal("community")) == before
        assert counts(await post(steward, LINES.replace("Group 07,Drop-in", "Group 07,Walking"))) == (0, 1, 44, 0)
        (renewed,) = (await steward.get("/v1/organisations", params={"name": "group 07"})).json()["items"]
        assert renewed["does"] == "Walking group"
        (offer,) = (await steward.get("/v1/offers", params={"organisation": renewed["id"]})).json()["items"]
        assert offer["says"] == "Walking group"


async def test_a_listed_organisation_is_shown_unchecked_leads_nobody_and_is_told_nothing__m2(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        await post(await a_steward(place), LINES)
        nobody = place.client()
        (shown,) = (await nobody.get("/v1/organisations", params={"name": "Group 01"})).json()["items"]
        assert (shown["membership"], shown["can_lead"]) == ("listed", False)
        (offer,) = (await nobody.get("/v1/offers", params={"organisation": shown["id"]})).json()["items"]
        assert offer["last_checked"] is None
        assert offer["needs"] == ["social"]
        port = place.system.running["community"].port
        known = await port.organisation(UUID(shown["id"]))
        assert (known.active, known.can_lead) == (False, False)
        assert await port.routes(UUID(shown["id"])) == ()


async def test_a_listed_organisation_joins_by_a_word_and_then_speaks_for_itself__m1_m2(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        steward = await a_steward(place)
        await post(steward, LINES)
        team = await a_commissioned_body(place, "community-team", "Community Team")
        (shown,) = (await steward.get("/v1/organisations", params={"name": "Group 01"})).json()["items"]
        vouched = await team.http.post(f"/v1/organisations/{shown['id']}/vouches")
        assert vouched.json()["membership"] == "joined"
        again = await post(steward, LINES.replace("Group 01,Drop-in", "Group 01,Something else"))
        assert counts(again) == (0, 0, 45, 0)
        assert (await steward.get(f"/v1/organisations/{shown['id']}")).json()["does"] == "Drop-in group"


async def test_a_line_of_the_name_of_one_that_joined_is_left_out_and_said(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        await a_commissioned_body(place, "charity", "Group 44")
        report = await post(await a_steward(place), LINES)
        assert counts(report) == (44, 0, 0, 1)
        assert [(r["line"], r["code"], r["left_out"]) for r in report["remarks"]] == [(46, "already-joined", True)]


async def test_what_is_no_table_lists_nothing(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        steward = await a_steward(place)
        for raw in (b"title\nTea\n", LINES.encode() + b'"open,\n'):
            body = {"csv_base64": b64encode(raw).decode()}
            answer = await steward.post("/v1/place/assets", json=body)
            assert (answer.status_code, answer.json()["code"]) == (422, "not-a-table")
        assert (await steward.post("/v1/place/assets", json={"csv_base64": "no base64!"})).status_code == 422
        assert (await steward.get("/v1/organisations")).json() == {"items": []}


async def test_only_the_steward_lists_a_directory(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        for by, status in ((None, 401), (a_pass(Role.PRACTITIONER, organisation=new_id()), 403)):
            answer = await place.client(by).post("/v1/place/assets", json={"csv_base64": "bmFtZQo="})
            assert answer.status_code == status


async def test_an_import_that_stops_half_way_goes_on_from_there__m2(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        shell = place.system.running["community"].shell
        rulebook = place.system.kit.ports.community.rulebook()
        origin = Origin(Pass(Role.STEWARD, new_id()), new_id())

        def stop(done: int, of: int) -> None:
            heard.append((done, of))
            if done == 40:
                raise KeyboardInterrupt

        heard: list[tuple[int, int]] = []
        with pytest.raises(KeyboardInterrupt):
            await import_assets(shell, read_assets(LINES.encode()), rulebook, origin, stop)
        assert heard == [(20, 45), (40, 45)]
        report = await import_assets(shell, read_assets(LINES.encode()), rulebook, origin)
        assert (report.new, report.same) == (5, 40)


async def test_a_real_directory_of_sixty_services_is_listed_with_what_was_not_understood__m2(tmp_path: Path) -> None:
    if not TRAFFORD.exists():
        pytest.skip("the Trafford directory does not lie beside the repository")
    async with a_place(tmp_path, COMMUNITY) as place:
        steward = await a_steward(place)
        report = await post(steward, TRAFFORD.read_bytes())
        assert counts(report) == (60, 0, 0, 0)
        said = {(remark["line"], remark["code"]) for remark in report["remarks"]}
        assert (50, "postcode") in said
        assert {line for line, code in said if code == "same-name"} == {53, 57}
        assert counts(await post(steward, TRAFFORD.read_bytes())) == (0, 0, 60, 0)
        near = (await steward.get("/v1/offers", params={"place": "stretford", "need": "social"})).json()["items"]
        assert "Stretford Hearing Voices" in [offer["name"] for offer in near]
