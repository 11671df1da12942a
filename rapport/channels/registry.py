"""The registry: which channels there are, and what the road in must know before it opens a door.

The modules of a channel are imported when they are first asked for, so that the edge carries no sender and a
worker no door.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Literal


class UnknownKind(LookupError):
    """There is no channel of this kind."""


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """One kind of channel: its package, and how its hook is addressed and limited.

    `hook_key` is the field of ChannelKey that stands in the hook's address: the secret where nothing else
    proves the sender, the public id where a signature does. `size` names the setting that limits a body.
    `is_named_by_content`: an arrival's id is made of its bytes; else the sender chose it, and the same id with
    other bytes is a conflict.
    """

    name: str
    package: str
    hook_key: Literal["hook_secret", "public_id"]
    size: Literal["max_mail_bytes", "max_body_bytes"]
    content_types: frozenset[str]
    is_named_by_content: bool = False

    @property
    def door(self) -> ModuleType:
        return self._module("door")

    @property
    def reading(self) -> ModuleType:
        return self._module("reading")

    @property
    def sending(self) -> ModuleType:
        return self._module("sending")

    @property
    def setting_up(self) -> ModuleType:
        return self._module("setting_up")

    def _module(self, name: str) -> ModuleType:
        return _import(f"{self.package}.{name}")


@functools.cache
def _import(name: str) -> ModuleType:
    return import_module(name)  # even for a loaded module it costs as much as a signature


KINDS: dict[str, ChannelKind] = {
    kind.name: kind
    for kind in (
        ChannelKind(
            name="email",
            package="rapport.channels.email",
            hook_key="hook_secret",
            size="max_mail_bytes",
            content_types=frozenset(
                {"message/rfc822", "message/global", "application/octet-stream"}
            ),
            is_named_by_content=True,
        ),
        ChannelKind(
            name="webhook",
            package="rapport.channels.webhook",
            hook_key="public_id",
            size="max_body_bytes",
            content_types=frozenset({"application/json"}),
        ),
    )
}


def kind_of(name: str) -> ChannelKind:
    """The kind of this name; raises UnknownKind."""
    try:
        return KINDS[name]
    except KeyError:
        raise UnknownKind(name) from None
