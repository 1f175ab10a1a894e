"""Draws pages: one Jinja environment, and the words in the visitor's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import ChainableUndefined, Environment, PackageLoader, pass_context

from services.portal import sentences
from services.portal.pages.me import NOW
from services.portal.safe import SAID
from services.portal.static import VERSIONED
from services.portal.words import LANGUAGES

if TYPE_CHECKING:
    from jinja2.runtime import Context

    from services.portal.visit import View, Visit


class Drawing:
    """The templates of this process."""

    def __init__(self, place: str = "Alongside") -> None:
        """Compile nothing yet."""
        self.environment = Environment(
            loader=PackageLoader("services.portal"), undefined=ChainableUndefined, autoescape=True, trim_blocks=True,
            lstrip_blocks=True, auto_reload=False,
        )  # fmt: skip
        self.environment.globals |= {"asset": VERSIONED, "languages": LANGUAGES, "place": place, "someone_now": NOW}
        self.environment.globals["_"] = _say
        self.environment.filters |= {"day": _day, "when": _when, "short": _short, "say": _say_filter}

    def page(self, visit: Visit, view: View) -> str:
        """Give a page as HTML."""
        said = sentences.SAID.get(visit.cookies.get(SAID)) if visit.again is None else None
        if visit.cookies.get(SAID):
            visit.cookies.put(SAID, "", 0)
        template = self.environment.get_template(view.template)
        return template.render(visit=visit, tongue=visit.tongue, title=view.title, said=said, **view.values)


@pass_context
def _say(context: Context, english: Any, /, **with_: object) -> str:
    return str(context["tongue"].say(english, **with_))


@pass_context
def _say_filter(context: Context, english: Any) -> str:
    return str(context["tongue"].say(english))


@pass_context
def _day(context: Context, at: Any) -> str:
    return str(context["tongue"].day(at))


@pass_context
def _when(context: Context, at: Any) -> str:
    return str(context["tongue"].when(at))


@pass_context
def _short(context: Context, at: Any) -> str:
    return str(context["tongue"].short(at))
