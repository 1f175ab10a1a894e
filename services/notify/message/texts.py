"""The words of every message: neutral, naming nobody, giving no reason. One language so far: English."""

from __future__ import annotations

from dataclasses import dataclass

from services.notify.message.domain import Text

SUBJECT = "Alongside"


@dataclass(frozen=True, slots=True)
class Words:
    """What a message is filled with."""

    reference: str
    duty_line: str | None = None
    code: str | None = None


def body_of(text: Text, words: Words, language: str) -> str:
    """Give the words of a message. A language that we don't have gets English."""
    return BY_LANGUAGE.get(language, BY_LANGUAGE["en"])[text](words)


def _ring(words: Words, before: str = " or ring the duty line on ") -> str:
    return f"{before}{words.duty_line}" if words.duty_line else ""


def _walk_beside(words: Words) -> str:
    code = f" To say that you will, give the code {words.code}." if words.code else ""
    ring = f" If you can't, ring the duty line on {words.duty_line}." if words.duty_line else ""
    return f"Alongside: please get in touch with the person you walk beside.{ring}{code} Reference {words.reference}."


def _your_organisation(words: Words) -> str:
    return f"Alongside: please look. Open Alongside{_ring(words)}. Reference {words.reference}."


def _duty_line(words: Words) -> str:
    return f"Alongside: nobody has answered yet. Please open Alongside and answer. Reference {words.reference}."


def _over(words: Words) -> str:
    return f"Alongside: nothing more is needed. Thank you. Reference {words.reference}."


def _person(words: Words) -> str:
    return f"Alongside: there is something for you. Open Alongside{_ring(words, ' or ring at any hour ')}."


def _webhooks_paused(words: Words) -> str:
    return (
        "Alongside: your system has taken none of our messages for five days, so we have stopped sending. "
        f"Resume the subscription when it can take them; nothing is lost. Reference {words.reference}."
    )


def _duty_line_test(words: Words) -> str:
    return (
        "Alongside: the duty line is to be tested. Please ring this route now, and write down whether somebody "
        f"answered. Route {words.reference}."
    )


def _duty_line_failing(words: Words) -> str:
    return (
        "Alongside: nobody answered the duty line in two tests running. Please put it right now: whoever nobody else "
        f"answers is passed up to it. Route {words.reference}."
    )


ENGLISH = {
    Text.WALK_BESIDE: _walk_beside,
    Text.YOUR_ORGANISATION: _your_organisation,
    Text.DUTY_LINE: _duty_line,
    Text.OVER: _over,
    Text.PERSON: _person,
    Text.WEBHOOKS_PAUSED: _webhooks_paused,
    Text.DUTY_LINE_TEST: _duty_line_test,
    Text.DUTY_LINE_FAILING: _duty_line_failing,
}
BY_LANGUAGE = {"en": ENGLISH}


def sign_in_link(base_url: str, token: str) -> str:
    """Give the words of a sign-in mail."""
    return (
        f"Alongside: here is your sign-in link. It works once, for 15 minutes.\n\n{base_url}/sign-in/link/{token}\n\n"
        f"Or give this code where you asked: {token}\n\nIf you did not ask for it, do nothing."
    )
