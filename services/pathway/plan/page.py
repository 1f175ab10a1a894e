"""A plan as it is read: one page, in the order of its headings, each line with who wrote it (P1, P2)."""

from __future__ import annotations

from typing import Any

from services.pathway.agreement.domain import Agreed
from services.pathway.plan.domain import BudgetLine, Line, Plan
from services.pathway.plan.headings import HEADINGS, Heading


def page_of(plan: Plan, answer: Agreed | None, *, in_force: bool) -> dict[str, Any]:
    """Give one version of a plan as JSON values. No clock stands on it (P5)."""
    version = plan.version
    headings = HEADINGS[plan.kind]
    return {
        "plan": plan.id,
        "person": plan.person,
        "kind": plan.kind,
        "revision": version.revision,
        "state": version.state,
        "in_force": in_force,
        "co_produced": version.co_produced,
        "did_not_want_to": version.did_not_want_to,
        "lines": [_line(line, headings[line.heading], not_now=line.id in plan.not_now) for line in version.lines],
        "budget": [_money(line) for line in version.budget],
        "review_on": version.review_on,
        "drafted": {
            "role": version.drafted_by.role,
            "member": version.drafted_by.member,
            "organisation": version.drafted_by.organisation,
            "at": version.drafted_at,
        },
        "answer": _answer(answer) if answer else None,
    }


def _line(line: Line, heading: Heading, *, not_now: bool) -> dict[str, Any]:
    return {
        "id": line.id,
        "heading": heading.code,
        "asks": heading.says,
        "words": line.words,
        "written": line.written,
        "member": line.member,
        "organisation": line.organisation,
        "not_now": not_now,
    }


def _money(line: BudgetLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "pence": line.pence,
        "kind": line.kind,
        "from": line.organisation,
        "for": line.what_for,
    }


def _answer(answer: Agreed) -> dict[str, Any]:
    return {
        "answer": answer.answer,
        "at": answer.at,
        "by": {"role": answer.role, "member": answer.member, "organisation": answer.organisation},
        "witness": answer.witness,
        "how": answer.how,
        "words": answer.words,
        "would_agree_to": answer.would_agree_to,
    }
