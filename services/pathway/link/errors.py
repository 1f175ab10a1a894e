"""What a link refuses, each with its rule and its reasons."""

from __future__ import annotations

from shared.errors import AlongsideError, Kind, Reason, WhoActs


class LinkStateReason(Reason):
    """Why an act does not fit where the link stands."""

    LINKED_ALREADY = "linked-already", "The person is linked to this offer already."
    ANSWERED = "answered-already", "This link was answered already."
    NOT_WELCOMED = "not-welcomed-yet", "Say that the person is welcome, and who will meet them, before they are met."
    NOT_MET = "not-met", "Nobody has said that they met."
    UNSETTLED = "unsettled", "The person said that a meeting did not happen. That is settled with them first."
    SETTLED = "settled-already", "There is nothing to settle."


class LinkStateError(AlongsideError):
    """The link does not stand where this act would go on from (J3)."""

    code = "link-stands-elsewhere"
    kind = Kind.CONFLICT
    says = "This can't be done where the link stands now."


class MeetingReason(Reason):
    """Why something is not a meeting."""

    NOT_TWO_WAY = "not-two-way", "Meeting is in person, by phone or by video: a letter, text or e-mail is not."
    NOT_THE_NAMED_WORKER = "not-the-named-worker", "The named worker or the deputy meets the person, nobody else."


class MeetingError(AlongsideError):
    """Not a meeting: the lead stays the lead (J3)."""

    code = "not-a-meeting"
    kind = Kind.CONFLICT
    says = "This is not a meeting, so whoever leads goes on leading."


class AlternativeReason(Reason):
    """Why an offer is not an alternative."""

    SAME_OFFER = "same-offer", "It is the same offer."
    NOT_OPEN = "not-open", "It is not open now."
    NOT_THIS_NEED = "not-this-need", "It does not take this need."
    SAID_NO = "said-no-already", "It has already said that it is not right for this."


class AlternativeError(AlongsideError):
    """The alternative is none (J5)."""

    code = "no-alternative"
    kind = Kind.CONFLICT
    says = "What you name is not an alternative for this person. Name another, or call the holder together with you."


class NothingInsteadError(AlongsideError):
    """Not right, with nothing instead (J5)."""

    code = "nothing-instead"
    kind = Kind.CONFLICT
    says = "Say what could be right instead, or call the holder together with you to find it."


class NeverAGroundError(AlongsideError):
    """A ground that is never one (J5)."""

    code = "never-a-ground"
    kind = Kind.CONFLICT
    says = (
        "What somebody lives with, their age, where they live or how often they tried is never a reason why an "
        "offer is not right for them. Support for them starts with what they need."
    )


class TooLateError(AlongsideError):
    """More than 14 days after (J3)."""

    code = "too-late-to-say"
    kind = Kind.CONFLICT
    says = "That can be said within 14 days. Ask for more, or name somebody else to lead: both are open at any time."
    who = WhoActs.PERSON


class CannotLeadError(AlongsideError):
    """The offer's organisation can't lead anybody."""

    code = "cannot-lead"
    kind = Kind.CONFLICT
    says = "This organisation can't lead. Link it to walk alongside, and another to lead."


class OfferStoppedError(AlongsideError):
    """The offer is not open."""

    code = "offer-not-open"
    kind = Kind.CONFLICT
    says = "This offer is not open now. Look for another that takes the same need."
    who = WhoActs.ANOTHER


class NotTheirsToSayError(AlongsideError):
    """Said for the person by somebody whom they did not choose (J3)."""

    code = "not-theirs-to-say"
    kind = Kind.CONFLICT
    says = "The person says this, or a supporter of their choosing who is not of the organisation concerned."
    who = WhoActs.PERSON
