"""A group's one phone: signed in for the group, each member by a PIN of their own (M1); and the place's provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.portal import sentences
from services.portal.asking import TurnedDownError
from services.portal.form import Field, Form, Kind, Option, Problem
from services.portal.page import FAULT, Book
from services.portal.pages.signin import BINDING_SECONDS, signed_in
from services.portal.people import BESIDE, items
from services.portal.visit import Go, View, Visit, WrongError
from services.portal.words import _

if TYPE_CHECKING:
    from services.portal.form import Typed

BOOK = Book()
DEVICE, DEVICE_SECONDS = "device", 180 * 86_400
OPENID = "openid"
SIGN_IN = Form("/sign-in/device", _("Sign in"), (
    Field("member", _("Who are you?"), Kind.ONE, needed=True, missing=_("Say who you are")),
    Field("pin", _("Your PIN"), Kind.PIN, needed=True, most=6, hint=_("Six digits that only you know."),
          missing=_("Write your PIN"), wrong=_("Write six digits")),
))  # fmt: skip
ADD = Form("/beside/devices/add", _("Sign this phone in for us"), (
    Field("name", _("What do you call this phone or computer?"), needed=True, most=60,
          hint=_("Such as: the group's phone."), missing=_("Give it a name")),
))  # fmt: skip
END = Form("/beside/devices/end", _("End it"), warns=True)
PIN = Form("/beside/devices/pin", _("Keep this PIN"), (
    Field("shown_as", _("The name to show on the group's phone"), needed=True, most=60,
          hint=_("A first name is enough."), missing=_("Say what name to show")),
    Field("pin", _("Your own PIN"), Kind.PIN, needed=True, most=6,
          hint=_("Six digits. Not all the same, and not one after the other. Tell nobody, not even in the group."),
          missing=_("Write a PIN"), wrong=_("Write six digits: not all the same, and not one after the other")),
))  # fmt: skip
NO_PIN = Form("/beside/devices/no-pin", _("Have no PIN"), warns=True)
ADDED = sentences.said("device-added", "This phone is signed in for your group. Each of you signs in with a PIN.")
ENDED = sentences.said("device-ended", "It is ended. Nobody can sign in there any more.")
PIN_KEPT = sentences.said("pin-kept", "Your PIN is kept.")
PIN_GONE = sentences.said("pin-gone", "You have no PIN any more.")
NOT_YOU = _(
    "That did not work. Look at your name and your PIN. After five wrong tries a PIN is shut until you sign in by link "
    "and set it anew."
)
OWN_LINK = _("To do this, sign in by your own e-mail link first.")
SPENT = _("Signing in that way did not work. Try again, or ask for a link.")
HERE = "/beside/devices"


@BOOK.page("/sign-in/device")
async def at_device(visit: Visit) -> View | Go:
    """Show who may sign in on this phone; where it is no group's, the link."""
    secret = visit.cookies.get(DEVICE)
    if not secret:
        return Go("/sign-in")
    try:
        found = await visit.api.send("POST", "/v1/sign-in/device-members", {"device_secret": secret})
    except TurnedDownError as error:
        if error.status >= FAULT:
            raise
        visit.cookies.put(DEVICE, "", 0)  # it was ended
        return Go("/sign-in")
    somebody = visit.tongue.say(_("Somebody of the group"))
    who = [Option(each["member"], each["name"] or somebody) for each in found["items"]]
    form = visit.form(SIGN_IN.with_options(member=who))
    return View("sign_in_device.html", _("Sign in"), {"sign_in": form, "who": who})


@BOOK.form(SIGN_IN, at_device)
async def by_pin(visit: Visit, typed: Typed) -> Go:
    """Sign in on the group's phone as oneself; whatever is wrong is said alike."""
    body = {"device_secret": visit.cookies.get(DEVICE), "member": typed.id("member"), "pin": typed.one("pin")}
    try:
        made = await visit.api.send("POST", "/v1/sign-in/device-sessions", body)
    except TurnedDownError as error:
        if error.status >= FAULT:
            raise
        raise WrongError(Problem("pin", NOT_YOU)) from None
    return signed_in(visit, made, shared=True)


@BOOK.page(HERE, *BESIDE)
async def devices(visit: Visit) -> View:
    """List the group's devices, and say whether one has a PIN."""
    found, pin = await visit.api.all("/v1/sign-in/devices", "/v1/sign-in/pin")
    pin = pin or {}
    return View("devices.html", _("Our phone and my PIN"), {
        "devices": items(found), "pin": pin, "add": visit.form(ADD), "end": visit.form(END),
        "set_pin": visit.form(PIN, shown_as=pin.get("shown_as")), "no_pin": visit.form(NO_PIN),
        "by_device": visit.by.kind == DEVICE, "is_ours": bool(visit.cookies.get(DEVICE)),
    })  # fmt: skip


@BOOK.form(ADD, devices)
async def add(visit: Visit, typed: Typed) -> Go:
    """Sign this phone in for the group: it opens nothing without a member's PIN, so whoever did it is signed out."""
    made = await visit.send("POST", "/v1/sign-in/devices", {"name": typed.one("name")})
    visit.cookies.put(DEVICE, made["secret"], DEVICE_SECONDS)
    await visit.signs_out()
    return Go("/sign-in/device", ADDED)


@BOOK.form(END, devices, at="/beside/devices/{device:uuid}/end")
async def end(visit: Visit, _typed: Typed) -> Go:
    """End a device and all that was begun on it."""
    await visit.send("DELETE", f"/v1/sign-in/devices/{visit.named['device']}")
    return Go(HERE, ENDED)


@BOOK.form(PIN, devices)
async def set_pin(visit: Visit, typed: Typed) -> Go:
    """Set one's own PIN."""
    try:
        await visit.send("PUT", "/v1/sign-in/pin", {"pin": typed.one("pin"), "shown_as": typed.one("shown_as")})
    except TurnedDownError as error:
        if error.code == "pin-too-plain":
            raise WrongError(Problem("pin", PIN.fields[1].wrong)) from None
        if error.code == "own-sign-in-needed":
            raise WrongError(Problem("", OWN_LINK)) from None
        raise
    return Go(HERE, PIN_KEPT)


@BOOK.form(NO_PIN, devices)
async def drop_pin(visit: Visit, _typed: Typed) -> Go:
    """Have no PIN any more."""
    await visit.send("DELETE", "/v1/sign-in/pin")
    return Go(HERE, PIN_GONE)


@BOOK.page("/sign-in/openid/begin")
async def begin(visit: Visit) -> Go:
    """Go to the place's provider of sign-ins. A link and no form: a form may send nobody to another site."""
    made = await visit.api.send("POST", "/v1/sign-in/openid", {})
    visit.cookies.put(OPENID, made["binding"], BINDING_SECONDS)
    return Go(made["authorize_url"])


@BOOK.page("/sign-in/openid")
async def come_back(visit: Visit) -> View | Go:
    """Come back from the provider, in the browser that left for it."""
    binding = visit.cookies.get(OPENID)
    visit.cookies.put(OPENID, "", 0)
    body = {"code": visit.query.get("code", ""), "state": visit.query.get("state", ""), "binding": binding}
    try:
        made = await visit.api.send("POST", "/v1/sign-in/openid/sessions", body)
    except TurnedDownError as error:
        if error.status >= FAULT:
            raise
        return View("plain.html", _("Sign in"), {"says": SPENT}, 401)
    return signed_in(visit, made)
