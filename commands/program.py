"""What the composition root can make, as the commands get it: nothing here imports the root."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from flows.core.context import AppContext, Clock
from settings import Settings


class MakesApp(Protocol):
    def __call__(self, settings: Settings, *, extra_routes: Sequence[BaseRoute] = ()) -> Starlette: ...


@dataclass(frozen=True, slots=True)
class Program:
    """What the composition root can make."""

    clock: Clock
    compose: Callable[[Settings], AppContext]
    create_app: MakesApp
    export_sdl: Callable[[Settings], str]
    export_permissions: Callable[[Settings], str]
    export_refusals: Callable[[], str]
    public_id: Callable[[str, object], str]
