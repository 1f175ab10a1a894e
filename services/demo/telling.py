"""Tells a journey in plain English and counts what held. A check that is not so is told, counted, and fails the run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from shared.clock import monotonic

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass
class Telling:
    """What is told and checked. ``broken`` holds the sentences that were not so."""

    name: str = "journey"
    console: Console = field(default_factory=Console)
    held: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    begun: float = field(default_factory=monotonic)

    def took(self) -> None:
        """Tell how long the part of the story that ends here took."""
        now = monotonic()
        self.console.print(Padding(Text(f"{now - self.begun:.1f} s", style="dim"), (0, 0, 0, 2)))
        self.begun = now

    def chapter(self, title: str) -> None:
        """Begin a part of the story."""
        self.took()
        self.console.print()
        self.console.print(Rule(Text(title, style="bold"), align="left"))

    def say(self, sentence: str) -> None:
        """Tell what happened."""
        self.console.print(Padding(Text(sentence), (0, 0, 0, 2)))

    def lead(self, who: str) -> None:
        """Tell who leads now."""
        self.console.print(Padding(Text.assemble(("Who leads now: ", "bold cyan"), (who, "cyan")), (0, 0, 0, 2)))

    def turned_back(self, title: str, reasons: Sequence[str]) -> None:
        """Tell what was turned back, and why."""
        self.console.print(Padding(Text.assemble(("Turned back: ", "bold yellow"), title), (0, 0, 0, 2)))
        for reason in reasons:
            self.console.print(Padding(Text(f"- {reason}"), (0, 0, 0, 4)))

    def arrived(self, where: str, what: str, number: int) -> None:
        """Tell that a webhook arrived."""
        line = Text.assemble(("Webhook: ", "bold magenta"), f"{where} heard {what} (number {number} about this person)")
        self.console.print(Padding(line, (0, 0, 0, 2)))

    def message(self, channel: str, to: str, text: str) -> None:
        """Tell what somebody was sent."""
        line = Text.assemble(("Message: ", "bold blue"), f"{channel} to {to}: ", (" ".join(text.split()), "italic"))
        self.console.print(Padding(line, (0, 0, 0, 2)))

    def check(self, sentence: str, so: bool) -> None:  # noqa: FBT001 - reads as the sentence that it is
        """Check a sentence; tell it either way."""
        (self.held if so else self.broken).append(sentence)
        mark = ("held    ", "green") if so else ("BROKEN  ", "bold red")
        self.console.print(Padding(Text.assemble(mark, sentence), (0, 0, 0, 2)))

    def end(self) -> bool:
        """Say the last line; True when nothing broke."""
        self.took()
        self.console.print()
        for sentence in self.broken:
            self.console.print(Text(f"broken: {sentence}", style="bold red"))
        print(f"{self.name}: {len(self.held)} checks held, {len(self.broken)} broken", flush=True)  # noqa: T201 - the contract's last line, never wrapped
        return not self.broken
