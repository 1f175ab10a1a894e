"""Subscriptions: confirmed by a test event, paused, resumed, their secret rotated, ended."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from standardwebhooks import WebhookVerificationError

from shared.event import Code, Part, Role
from shared.events.pathway import DriftingEnded, SteppedUp
from shared.ids import new_id
from tests.support.notify_doubles import partner, stand_in, subscribed, told
from tests.support.notify_servers import Script, receiving, reply, verified
from tests.support.place import a_pass, a_place

if TYPE_CHECKING:
    from pathlib import Path

    from httpx2 import AsyncClient

SERVICES = ("notify",)


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


async def test_a_subscription_whose_endpoint_does_not_answer_is_told_of_nothing_but_tests(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving(Script([reply(500)])) as script:
        around, by, person = stand_in(place), partner(), new_id()
        made = await subscribed(place, by, script)
        around.choices.permit(by, person, Part.JOURNEY)
        await told(place, DriftingEnded(subject=person))
        script.replies = [reply(200)]
        async with place.client(by) as http:
            assert (await http.post(f"/v1/subscriptions/{made['id']}/test")).status_code == 202
            await place.settle()
            await told(place, SteppedUp(subject=person, was=Code("community"), now=Code("crisis")))
        assert script.types(person) == ["pathway.stepped-up"]
        assert script.about(person)[0]["order"] == 1


async def test_a_paused_subscription_loses_nothing(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        around, by, person = stand_in(place), partner(), new_id()
        made = await subscribed(place, by, script)
        around.choices.permit(by, person, Part.JOURNEY)
        async with place.client(by) as http:
            paused = await http.post(f"/v1/subscriptions/{made['id']}/pause")
            assert paused.json()["state"] == "paused"
            await told(place, DriftingEnded(subject=person), DriftingEnded(subject=person))
            assert script.about(person) == []
            assert (await http.post(f"/v1/subscriptions/{made['id']}/pause")).status_code == 409
            assert (await http.post(f"/v1/subscriptions/{made['id']}/resume")).json()["state"] == "active"
            await place.settle()
        assert [each["order"] for each in script.about(person)] == [1, 2]
        _, *changes = await place.types("notify", UUID(made["id"]))
        assert changes == ["notify.subscription-paused", "notify.subscription-resumed"]


async def test_both_secrets_sign_for_a_day_after_a_rotation(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        around, by, person = stand_in(place), partner(), new_id()
        made = await subscribed(place, by, script)
        around.choices.permit(by, person, Part.JOURNEY)
        async with place.client(by) as http:
            rotated = (await http.post(f"/v1/subscriptions/{made['id']}/secret")).json()
        await told(place, DriftingEnded(subject=person))
        assert len(script.heard[-1].headers["webhook-signature"].split(" ")) == 2
        verified(script.heard[-1], made["secret"])
        verified(script.heard[-1], rotated["secret"])
        await place.pass_time(timedelta(hours=24))
        await told(place, DriftingEnded(subject=person))
        verified(script.heard[-1], rotated["secret"])
        with pytest.raises(WebhookVerificationError):
            verified(script.heard[-1], made["secret"])


async def test_a_secret_is_shown_once_even_to_a_repeated_request(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        stand_in(place)
        again = {"X-Request-ID": str(new_id())}
        async with place.client(partner()) as http:
            sent = {"url": script.url(), "events": ["*"]}
            first = await http.post("/v1/subscriptions", json=sent, headers=again)
            second = await http.post("/v1/subscriptions", json=sent, headers=again)
            every = await http.get("/v1/subscriptions")
        assert first.json()["secret"].startswith("whsec_")
        assert second.status_code == 201
        assert second.json()["id"] == first.json()["id"]
        assert "secret" not in second.json()
        assert "whsec_" not in every.text
        assert len(every.json()["items"]) == 1


async def test_what_was_deleted_is_told_nothing_more(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        around, by, person = stand_in(place), partner(), new_id()
        made = await subscribed(place, by, script)
        around.choices.permit(by, person, Part.JOURNEY)
        async with place.client(by) as http:
            await http.post(f"/v1/subscriptions/{made['id']}/pause")
            await told(place, DriftingEnded(subject=person))
            assert (await http.delete(f"/v1/subscriptions/{made['id']}")).status_code == 204
            assert (await http.post(f"/v1/subscriptions/{made['id']}/resume")).status_code == 409
            assert (await http.post(f"/v1/subscriptions/{made['id']}/test")).status_code == 409
        await told(place, DriftingEnded(subject=person))
        assert script.about(person) == []


async def test_another_organisation_s_subscription_is_not_there__c4(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        stand_in(place)
        made = await subscribed(place, partner(), script)
        async with place.client(partner()) as http:
            unknown = [await _each(http, str(new_id()))]
            theirs = [await _each(http, made["id"])]
            assert theirs == unknown
            assert (await http.get("/v1/subscriptions")).json() == {"items": []}
            assert (await http.get("/v1/deliveries")).json() == {"items": []}


async def _each(http: AsyncClient, subscription: str) -> list[tuple[int, Any]]:
    path = f"/v1/subscriptions/{subscription}"
    answers = [await http.get(path), await http.delete(path)]
    answers += [await http.post(f"{path}/{act}") for act in ("pause", "resume", "test", "secret")]
    answers.append(await http.post(f"{path}/replay", json={"person": str(new_id())}))
    return [(each.status_code, each.json()["code"]) for each in answers]


async def test_a_steward_sees_who_subscribes_but_not_about_whom(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        stand_in(place)
        by, person = partner(), new_id()
        await subscribed(place, by, script, person=str(person))
        async with place.client(a_pass(Role.STEWARD)) as http:
            seen = await http.get("/v1/subscriptions")
            assert (await http.get(f"/v1/subscriptions/{seen.json()['items'][0]['id']}")).status_code == 403
        assert seen.json()["items"][0]["organisation"] == str(by.organisation)
        assert str(person) not in seen.text


async def test_a_steward_reads_the_log_pauses_and_resumes_and_learns_of_no_person__c4(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        around, by, person = stand_in(place), partner(), new_id()
        made = await subscribed(place, by, script, person=str(person))
        around.choices.permit(by, person, Part.JOURNEY)
        async with place.client(a_pass(Role.STEWARD)) as http, place.client(by) as own:
            paused = await http.post(f"/v1/subscriptions/{made['id']}/pause")
            assert (paused.json()["state"], paused.json()["person"]) == ("paused", None)
            assert (await own.get(f"/v1/subscriptions/{made['id']}")).json()["paused_why"] == "by-steward"
            await told(place, DriftingEnded(subject=person))
            assert script.about(person) == []
            resumed = await http.post(f"/v1/subscriptions/{made['id']}/resume")
            await place.settle()
            assert len(script.about(person)) == 1
            log = await http.get("/v1/deliveries", params={"subscription": made["id"]})
            every = (await http.get("/v1/deliveries", params={"limit": 1})).json()
            behind = (await http.get("/v1/deliveries", params={"limit": 1, "after": every["next"]})).json()
            again = await http.post(f"/v1/deliveries/{every['next']}/replay")
            nowhere = await http.post(f"/v1/subscriptions/{new_id()}/pause")
            assert (again.status_code, nowhere.status_code) == (403, 404)
        assert [each["status"] for each in log.json()["items"]] == ["delivered", "delivered"]
        assert every["items"] + behind["items"] == log.json()["items"]
        assert not {"person", "order", "event", "subject"} & set(log.json()["items"][0])
        assert str(person) not in paused.text + resumed.text + log.text


async def test_a_subscription_to_one_person_hears_of_nobody_else(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        around, by, person, other = stand_in(place), partner(), new_id(), new_id()
        await subscribed(place, by, script, person=str(person), events=["pathway.drifting-ended"])
        for each in (person, other):
            around.choices.permit(by, each, Part.JOURNEY)
            await told(place, DriftingEnded(subject=each))
        await told(place, SteppedUp(subject=person, was=Code("community"), now=Code("crisis")))
        assert script.types(person) == ["pathway.drifting-ended"]
        assert script.about(other) == []


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"url": "https://127.0.0.1:22/", "events": ["*"]}, None),
        ({"url": "https://hooks.partner.example/a", "events": ["consent.given"]}, "unknown-event"),
        ({"url": "https://hooks.partner.example/a", "events": ["pathway.no-such-thing"]}, "unknown-event"),
        ({"url": "https://hooks.partner.example/a", "events": []}, "invalid"),
        ({"url": "http://hooks.partner.example/a", "events": ["*"]}, "url-not-allowed"),
        ({"url": "https://10.0.0.1/a", "events": ["*"]}, "url-not-allowed"),
        ({"url": "https://hooks.partner.example/a", "events": ["*"], "header": "a: b"}, "invalid"),
        ({"url": "https://hooks.partner.example/a", "events": ["*"], "person": "R"}, "invalid"),
    ],
)
async def test_a_bad_subscription_is_turned_down_by_name_and_not_echoed(
    tmp_path: Path, sent: dict[str, Any], code: str | None
) -> None:
    async with a_place(tmp_path, SERVICES) as place:
        stand_in(place)
        async with place.client(partner()) as http:
            answered = await http.post("/v1/subscriptions", json=sent)
        if code is None:
            assert answered.status_code == 201
            return
        assert answered.status_code == 422
        assert answered.json()["code"] == code
        assert "partner.example" not in answered.text
        assert await place.journal("notify") == []
