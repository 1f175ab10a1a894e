"""Who looked, said in the visitor's language: the API gives codes beside its English sentence, and they are said here.

In English both say the same (a test holds that). A name stands in marks of its own: it may run the other way (C6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.portal.words import _

if TYPE_CHECKING:
    from services.portal.words import Tongue

ISOLATED = "\N{FIRST STRONG ISOLATE}{}\N{POP DIRECTIONAL ISOLATE}"
SOMEBODY = _("Somebody")
OF_AN_ORGANISATION = _("{who} of {organisation}")
WITH_A_NAME = _("{who} ({name})")
ROLES = {
    "person": _("Somebody you named"),
    "peer-supporter": _("A peer supporter"),
    "carer": _("A carer"),
    "practitioner": _("A practitioner"),
    "duty": _("Somebody of the duty line"),
    "partner-system": _("The computer system"),
}
PARTS = {
    "name": _("what you like to be called"),
    "story": _("your story"),
    "plan": _("your plan"),
    "journey": _("your journey"),
    "circle": _("your circle"),
    "contact-details": _("how to reach you safely"),
    "equity": _("what you said about yourself for fairness figures"),
}
ACTS = {
    "read": _("{who} was let see {part}"),
    "write": _("{who} was let write to your record, and so knows {part}"),
    "delivery": _("{who} was sent news about {part}"),
    "alert": _("{who} was alerted, which told them something of {part}"),
    "export": _("{who} was given a copy of {part}"),
}
EMERGENCY_OPENED = _("{who} opened emergency access to your plan and how to reach you safely")
PURPOSES = {
    "support": _("for your support"),
    "crisis": _("in a crisis"),
    "oversight": _("to oversee the service"),
    "research": _("for research"),
}
REASONS = {
    "choice": _("because you said yes"),
    "holds": _("because they hold you, or you chose them to"),
    "beside": _("because they stand beside you"),
    "emergency": _("as an emergency, for you had not chosen"),
}
WHOLE = _("{did}, {purpose}, {because}.")
WITHOUT_A_REASON = _("{did}, {purpose}.")


def says(tongue: Tongue, look: dict[str, Any]) -> str:
    """Say one line of who looked: who, what, what for and why."""
    act = EMERGENCY_OPENED if look["why"] == "emergency" and look["part"] == "name" else ACTS[look["act"]]
    did = tongue.say(act, who=_who(tongue, look), part=tongue.say(PARTS[look["part"]]))
    purpose = tongue.say(PURPOSES[look["purpose"]])
    if look["why"] not in REASONS:
        return tongue.say(WITHOUT_A_REASON, did=did, purpose=purpose)
    return tongue.say(WHOLE, did=did, purpose=purpose, because=tongue.say(REASONS[look["why"]]))


def _who(tongue: Tongue, look: dict[str, Any]) -> str:
    who = tongue.say(ROLES.get(look["role"], SOMEBODY))
    if look["organisation_name"]:
        who = tongue.say(OF_AN_ORGANISATION, who=who, organisation=ISOLATED.format(look["organisation_name"]))
    return tongue.say(WITH_A_NAME, who=who, name=ISOLATED.format(look["first_name"])) if look["first_name"] else who
