"""What a service hands to the process that runs it: each service's ``app.build(database, kit)`` gives a
``Running``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from shared.cursor import Subscription
from shared.loops import Loop
from shared.shell import Shell

if TYPE_CHECKING:
    from fastapi import APIRouter
    from sqlalchemy import MetaData

    from shared.clock import Clock
    from shared.decisions import Decisions
    from shared.due import DueHandlers
    from shared.ports import Ports
    from shared.settings import Settings

S = TypeVar("S")


@dataclass(frozen=True)
class Kit:
    """What every service of a process is given."""

    clock: Clock
    ports: Ports
    decisions: Decisions
    settings: Settings


@dataclass
class Running(Generic[S]):
    """A wired service. ``port`` is what it answers others with; ``loops`` are its own beside relay, consumer
    and due; ``upkeep`` those that keep a process's own memory right, and so turn in every process; ``figures``
    takes what it shows of its tables.
    """

    name: str
    metadata: MetaData
    shell: Shell[S]
    routers: Sequence[APIRouter]
    listens_to: tuple[str, ...] = ()
    subscriptions: Sequence[Subscription[S]] = ()
    due: DueHandlers[S] = field(default_factory=dict)
    loops: Sequence[Loop] = ()
    upkeep: Sequence[Loop] = ()
    figures: Sequence[Callable[[], Awaitable[None]]] = ()
    port: Any = None
