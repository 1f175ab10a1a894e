"""What a hold refuses, each with its rule."""

from __future__ import annotations

from shared.errors import AlongsideError, Kind, WhoActs


class NotHeldYetError(AlongsideError):
    """There is no record of a hold. The edge asks intake for the arrival it was written with, then tries again."""

    code = "not-held-yet"
    kind = Kind.MISSING
    says = "There is nothing here that you can see."


class NotChosenError(AlongsideError):
    """Only the chosen holder, or the lead, can acknowledge (J2a). Anyone else leads when it has met them (J3)."""

    code = "not-chosen"
    kind = Kind.CONFLICT
    says = "Only whoever was chosen to lead can say so now. Open a link: who meets the person next leads."


class NotTheLeadError(AlongsideError):
    """The organisation does not lead this person."""

    code = "not-the-lead"
    kind = Kind.CONFLICT
    says = "You do not lead this person, so there is nothing of theirs to hand on."


class FundedMayNotError(AlongsideError):
    """Only a volunteer or unfunded group may hand a hold to the backstop (J2d)."""

    code = "funded-may-not"
    kind = Kind.CONFLICT
    says = "A funded organisation stays the lead until the next one has met the person."


class NotAMemberError(AlongsideError):
    """The named person or deputy is not of the organisation."""

    code = "not-a-member"
    kind = Kind.INVALID
    says = "The named person and the deputy have to be members of your organisation."


class TooManyHeldError(AlongsideError):
    """The named person holds as many people as the rulebook allows (J2b)."""

    code = "too-many-held"
    kind = Kind.CONFLICT
    says = "This named person already holds as many people as the rulebook allows. Name somebody else."


class HolderStoppedError(AlongsideError):
    """The organisation ended or is suspended: it can't lead (J2a)."""

    code = "holder-stopped"
    kind = Kind.CONFLICT
    says = "This organisation has ended or is suspended, so it can't lead anybody."
    who = WhoActs.ANOTHER
