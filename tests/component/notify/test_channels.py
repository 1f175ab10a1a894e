"""Mail by SMTP, texts and mails by GOV.UK Notify: tried against servers of our own on loopback."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from services.notify.message.channels import Channels, NotTakenError
from shared.events.pathway import CheckInDue
from shared.ids import new_id
from shared.ports import Channel, Watchers
from shared.settings import Settings
from tests.support.notify_doubles import mail, say, stand_in, text, told
from tests.support.notify_servers import RESET, Script, mailbox, receiving, reply
from tests.support.place import a_place
from tests.support.wait import until

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from tests.support.place import Place

KEY = f"ours-{new_id()}-{new_id()}"
NOTIFY = {"notify_key": KEY, "notify_text_template": str(new_id()), "notify_email_template": str(new_id())}
TAKEN = reply(201, b'{"id":"1"}')


def led(place: Place, *ways: object) -> tuple[UUID, CheckInDue]:
    """Have a team with these ways, which owes somebody a check-in."""
    around, team, person = stand_in(place), new_id(), new_id()
    around.community.ways[team] = ways  # type: ignore[assignment]
    around.intake.chosen[person] = Watchers((), ())
    return person, CheckInDue(subject=person, last_lead=team, by=None)


async def test_a_text_leaves_through_notify_with_our_words_in_its_template(tmp_path: Path) -> None:
    async with receiving(Script([TAKEN])) as script, a_place(
        tmp_path, ("notify",), notify_url=script.url(""), **NOTIFY
    ) as place:  # fmt: skip
        _, due = led(place, text("07700900123"))
        await told(place, due)
        (heard,) = script.heard
        assert heard.path == "/v2/notifications/sms"
        assert heard.headers["authorization"].startswith("Bearer ey")
        assert heard.json["phone_number"] == "07700900123"
        assert heard.json["template_id"] == NOTIFY["notify_text_template"]
        assert heard.json["personalisation"]["body"].startswith("Alongside: please look.")
        assert heard.json["reference"]


async def test_without_smtp_mail_leaves_through_notify_too(tmp_path: Path) -> None:
    async with receiving(Script([TAKEN])) as script, a_place(
        tmp_path, ("notify",), notify_url=script.url(""), **NOTIFY
    ) as place:  # fmt: skip
        _, due = led(place, mail("team@place.example"))
        await told(place, due)
        assert script.heard[0].path == "/v2/notifications/email"
        assert script.heard[0].json["personalisation"]["subject"] == "Alongside"


async def test_a_way_that_this_place_can_not_use_is_passed_over(tmp_path: Path) -> None:
    async with mailbox() as box, a_place(tmp_path, ("notify",), smtp_url=box.url) as place:
        _, due = led(place, text("07700900123"), mail("team@place.example"))
        await told(place, due)
        assert [each.to for each in box.mails] == ["team@place.example"]


async def test_a_number_that_notify_will_not_take_is_followed_by_the_next_way(tmp_path: Path) -> None:
    async with mailbox() as box, receiving(Script([reply(400, b"{}")])) as script, a_place(
        tmp_path, ("notify",), smtp_url=box.url, notify_url=script.url(""), **NOTIFY
    ) as place:  # fmt: skip
        _, due = led(place, text("0"), mail("team@place.example"))
        await told(place, due)
        assert len(script.heard) == 1
        assert [each.to for each in box.mails] == ["team@place.example"]


@pytest.mark.parametrize("answer", [reply(500, b"{}"), reply(429, b"{}"), RESET])
async def test_what_notify_may_take_later_is_tried_again(tmp_path: Path, answer: bytes) -> None:
    async with receiving(Script([answer, TAKEN])) as script, a_place(
        tmp_path, ("notify",), notify_url=script.url(""), **NOTIFY
    ) as place:  # fmt: skip
        _, due = led(place, text("07700900123"))
        await told(place, due)
        assert len(script.heard) == 1
        await place.pass_time(timedelta(seconds=31))
        assert len(script.heard) == 2
        first, second = (heard.json["reference"] for heard in script.heard)
        assert first == second


async def test_a_mail_says_that_it_is_automatic_and_can_be_known_again(tmp_path: Path) -> None:
    async with (
        mailbox() as box,
        a_place(tmp_path, ("notify",), smtp_url=box.url, mail_from="us@place.example") as place,
    ):
        _, due = led(place, mail("team@place.example"))
        await told(place, due)
        (mailed,) = box.mails
        assert mailed.headers["Auto-Submitted"] == "auto-generated"
        assert mailed.headers["From"] == "us@place.example"
        assert mailed.headers["Message-ID"].endswith("@alongside>")


async def test_an_address_can_not_bring_headers_of_its_own() -> None:
    async with mailbox() as box:
        channels = Channels(Settings(smtp_url=box.url))
        with pytest.raises(NotTakenError):
            await channels.send(Channel.EMAIL, "a@place.example\r\nBcc: b@place.example", "words", new_id())
        await channels.close()
        assert box.mails == []


async def test_an_alert_whose_sending_was_cut_short_is_sent_again_at_once_by_the_next_process_with_the_same_mark(
    tmp_path: Path,
) -> None:
    script = Script([TAKEN], hold=asyncio.Event())
    async with receiving(script):
        settings = {"notify_url": script.url(""), **NOTIFY}
        async with a_place(tmp_path, ("notify",), **settings) as place:
            person, due = led(place, text("07700900123"))
            await say(place, due)
            turning = asyncio.create_task(place.settle())
            await until(lambda: len(script.heard) == 1)
            turning.cancel()
        assert script.hold is not None
        script.hold.set()
        async with a_place(tmp_path, ("notify",), **settings) as place:
            around = stand_in(place)
            around.community.ways[due.last_lead] = (text("07700900123"),)
            around.intake.chosen[person] = Watchers((), ())
            await place.settle()
        first, second = (heard.json["reference"] for heard in script.heard)
        assert first == second


async def test_a_sign_in_mail_is_sent_once_and_kept_nowhere(tmp_path: Path) -> None:
    async with mailbox() as box, a_place(tmp_path, ("notify",), smtp_url=box.url) as place:
        stand_in(place)
        await place.system.running["notify"].port.send_link("sam@group.example", "a-token-of-43-letters")
        await place.settle()
        (mailed,) = box.mails
        assert mailed.to == "sam@group.example"
        assert "a-token-of-43-letters" in mailed.text
        whole = await place.kept()
        assert b"a-token-of-43-letters" not in whole
        assert b"sam@group.example" not in whole


async def test_a_sign_in_mail_that_is_not_taken_is_not_tried_again(tmp_path: Path) -> None:
    async with mailbox() as box, a_place(tmp_path, ("notify",), smtp_url=box.url) as place:
        stand_in(place)
        box.replies = ["451 later"]
        await place.system.running["notify"].port.send_link("sam@group.example", "a-token")
        await place.settle()
        box.replies = ["250 ok"]
        await place.pass_time(timedelta(hours=1))
        assert box.mails == []
