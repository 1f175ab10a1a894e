"""Which errors and reasons a route can answer with: those that its function names, or a function that it leads to.

Found by names, so rather too many than too few; what another service raises behind a port is not among them.
"""

from __future__ import annotations

from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from shared.errors import AlongsideError, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OURS = "services."


def errors_of(endpoint: Callable[..., Any]) -> Iterator[type[AlongsideError] | Reason]:
    """Give each error, and each reason that may stand beside one."""
    seen = set[Any]()
    waiting: list[Any] = [endpoint]
    while waiting:
        function = waiting.pop()
        if function in seen:
            continue
        seen.add(function)
        names = set(_names(function.__code__))
        for each in _meant(function, names):
            if isinstance(each, type) and issubclass(each, AlongsideError) and each.code:
                yield each
            elif isinstance(each, type) and issubclass(each, Reason):
                yield from [reason for reason in each if reason.name in names] or each
            elif isinstance(each, type):
                waiting += [made for made in vars(each).values() if isinstance(made, FunctionType)]
            elif isinstance(each, FunctionType):
                waiting.append(each)


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _names(each)


def _meant(function: FunctionType, names: set[str]) -> Iterator[Any]:
    """Give what the names in a function can mean: ours, of its own module or of one that it names."""
    spaces = [function.__globals__]
    spaces += [vars(found) for name in names if isinstance(found := spaces[0].get(name), ModuleType)]
    for space in spaces:
        for name in names & space.keys():
            if str(getattr(space[name], "__module__", "")).startswith(OURS):
                yield space[name]
