"""A browser without script: follows links and redirects, keeps cookies, fills in forms by their labels, reads text.

It knows only what stands on the page, as whoever sits before it does: a field without a label can't be filled in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urljoin

import httpx2

from services.gateway.front.handlers import IssueToken, issue_token
from services.gateway.signin.domain import hashed
from shared.clock import real_now
from shared.ids import new_id, new_secret
from shared.passes import Origin

if TYPE_CHECKING:
    from shared.passes import Pass
    from tests.support.place import Place

HTML = {"Accept": "text/html,application/xhtml+xml"}
SESSION = "alongside-session"
NOT_SAID = frozenset({"script", "style", "title", "head"})
LIFE = timedelta(hours=1)
EMPTY = frozenset({"meta", "link", "input", "br", "img", "hr"})


@dataclass
class Control:
    """One thing of a form that can be filled in, or pressed."""

    name: str
    kind: str
    value: str
    label: str = ""
    on: bool = True


@dataclass
class FormOnPage:
    """One form."""

    action: str
    method: str
    controls: list[Control] = field(default_factory=list)
    button: str = ""


class _Reader(HTMLParser):
    """Reads what a person can see and press."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.forms: list[FormOnPage] = []
        self.links: list[tuple[str, str]] = []
        self.title = ""
        self.headings: list[tuple[int, str]] = []
        self.labels: dict[str, str] = {}
        self.ids: dict[str, Control] = {}
        self._open: list[tuple[str, dict[str, str]]] = []
        self._form: FormOnPage | None = None
        self._texts: list[list[str]] = []
        self._area: Control | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = FormOnPage(has.get("action", ""), has.get("method", "get"))
            self.forms.append(self._form)
        if self._form is not None and tag in {"input", "select", "textarea"}:
            self._control(tag, has)
        if tag == "option" and self._area is not None and "selected" in has:
            self._area.value = has.get("value", "")
        if tag not in EMPTY:
            self._open.append((tag, has))
            self._texts.append([])

    def _control(self, tag: str, has: dict[str, str]) -> None:
        assert self._form is not None
        kind = has.get("type", "text") if tag == "input" else tag
        on = "checked" in has if kind in {"radio", "checkbox"} else True
        made = Control(has.get("name", ""), kind, has.get("value", ""), on=on)
        self._form.controls.append(made)
        if "id" in has:
            self.ids[has["id"]] = made
        if tag != "input":
            self._area = made

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            name, has = self._open.pop()
            said = "".join(self._texts.pop())
            self._ended(name, has, " ".join(said.split()), said)
            if self._texts:
                self._texts[-1].append(said)
            if name == tag:
                break

    def _ended(self, name: str, has: dict[str, str], said: str, whole: str) -> None:
        if name == "a" and "href" in has:
            self.links.append((said, has["href"]))
        elif name == "label":
            self.labels[has.get("for", "")] = said
        elif name == "button" and self._form is not None:
            self._form.button = said
        elif name == "title":
            self.title = said
        elif name in {"h1", "h2", "h3", "h4"}:
            self.headings.append((int(name[1]), said))
        elif name == "textarea" and self._area is not None:
            self._area.value = whole.removeprefix("\n")
        elif name == "form":
            self._form = None

    def handle_data(self, data: str) -> None:
        if self._texts:
            self._texts[-1].append(data)
        if not any(name in NOT_SAID for name, _ in self._open):
            self.text.append(data)


@dataclass
class Page:
    """What came: its status, address, what it says, its forms and links."""

    status: int
    path: str
    html: str
    headers: Any
    read: _Reader

    @property
    def text(self) -> str:
        """Give what can be read, spaces made one."""
        return " ".join("".join(self.read.text).split())

    @property
    def title(self) -> str:
        """Give what stands in the browser's tab and history."""
        return self.read.title

    def says(self, *parts: str) -> bool:
        """Say whether all of these can be read on it."""
        return all(part in self.text for part in parts)

    def form(self, button: str) -> FormOnPage:
        """Give the form with this button."""
        found = [each for each in self.read.forms if each.button == button or each.button.startswith(f"{button} ")]
        assert found, f"no button {button!r}; there are {[each.button for each in self.read.forms]}"
        return found[0]


class Browser:
    """Somebody before a screen."""

    def __init__(self, place: Place | str, by: Pass | None = None, **headers: str) -> None:
        """``place`` may be an address that is really served. ``by``: signed in already, as after a link."""
        self.base = place if isinstance(place, str) else "http://place"
        transport = None if isinstance(place, str) else httpx2.ASGITransport(app=place.system.app)
        self.http = httpx2.AsyncClient(transport=transport, base_url=self.base, headers=HTML | headers, timeout=30)
        self.page: Page | None = None
        self.place = place
        self.by = by

    async def signs_in(self, by: Pass) -> str:
        """Hold a session of somebody's from now; gives its secret."""
        secret, now = new_secret(), real_now()
        command = IssueToken(hashed(secret), by, now + LIFE, now)
        assert not isinstance(self.place, str), "who looks at a served place signs in as people do"
        gateway = self.place.system.running["gateway"]
        await gateway.shell.run(issue_token, command, Origin(by, new_id()), gives=type(None))
        self.http.cookies.set(SESSION, secret, domain="place.local")
        self.by = None
        return secret

    async def open(self, path: str) -> Page:
        """Type an address, or follow a link."""
        if self.by is not None:
            await self.signs_in(self.by)
        return await self._arrived(await self.http.get(path))

    async def follow(self, said: str) -> Page:
        """Press a link by what it says."""
        assert self.page is not None
        found = [href for text, href in self.page.read.links if text == said]
        assert found, f"no link {said!r}; there are {[text for text, _ in self.page.read.links]}"
        return await self.open(urljoin(self.page.path, found[0]))

    async def press(self, button: str, **typed: str | list[str]) -> Page:
        """Fill in and send the form with this button; ``typed`` is by name, what is not said stays as it stands."""
        return await self.send(self.filled(button, **typed))

    def filled(self, button: str, **typed: str | list[str]) -> tuple[str, list[tuple[str, str]], str]:
        """Give what would be sent: where to, what, and how."""
        assert self.page is not None
        form = self.page.form(button)
        names = {control.name for control in form.controls}
        assert set(typed) <= names, f"no field {set(typed) - names}; there are {sorted(names)}"
        pairs = [(c.name, c.value) for c in form.controls if c.name and c.on and c.name not in typed]
        for name, value in typed.items():
            pairs.extend((name, each) for each in ([value] if isinstance(value, str) else value))
        return urljoin(self.page.path, form.action), pairs, form.method

    async def send(self, sent: tuple[str, list[tuple[str, str]], str], **headers: str) -> Page:
        """Send what ``filled`` gave, as a browser does."""
        path, pairs, method = sent
        if method == "get":
            return await self.open(f"{path}?{urlencode(pairs)}")
        said = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.base} | headers
        return await self._arrived(await self.http.post(path, content=urlencode(pairs).encode(), headers=said))

    async def _arrived(self, answer: httpx2.Response) -> Page:
        for _ in range(5):
            where = answer.headers.get("location", "")
            if answer.status_code != 303 or not where.startswith("/"):
                break
            answer = await self.http.get(where)
        reader = _Reader()
        reader.feed(answer.text)
        for name, label in reader.labels.items():
            if name in reader.ids:
                reader.ids[name].label = label
        self.page = Page(answer.status_code, str(answer.request.url.path), answer.text, answer.headers, reader)
        return self.page

    async def close(self) -> None:
        """Go away."""
        await self.http.aclose()
