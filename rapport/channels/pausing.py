"""Pausing: a channel rests. Mail waits in its mailbox, replies wait here, and nothing is lost."""

from __future__ import annotations

from django.db import transaction

from rapport.accounts.access import check_admin
from rapport.channels.deferring import defer_waiting
from rapport.channels.events import ChannelPaused, ChannelResumed
from rapport.channels.models import Channel, ChannelState
from rapport.kernel import journal
from rapport.kernel.actors import Actor


def pause_channel(channel: Channel, *, by: Actor) -> None:
    """Let it rest; pausing twice is one pause. Raises AdminsOnly."""
    _move(channel, by=by, to=ChannelState.PAUSED)


def resume_channel(channel: Channel, *, by: Actor) -> None:
    """Use it again and send what waited; what was amiss before it rested is forgotten.

    One that is broken and does not rest stays so. Raises AdminsOnly.
    """
    _move(channel, by=by, to=ChannelState.ACTIVE)


def _move(channel: Channel, *, by: Actor, to: ChannelState) -> None:
    with transaction.atomic():
        check_admin(by)
        fresh = Channel.objects.select_for_update().get(pk=channel.pk)
        is_pause = to == ChannelState.PAUSED
        if is_pause != (fresh.state == ChannelState.PAUSED):
            fresh.state = to
            if not is_pause:
                fresh.error, fresh.throttled_since, fresh.resting_until = "", None, None
            fresh.save(update_fields=["state", "error", "throttled_since", "resting_until"])
            event = ChannelPaused if is_pause else ChannelResumed
            journal.record(event(by=by, channel=fresh.pk))
            if not is_pause:
                defer_waiting(fresh)
    channel.state, channel.error = fresh.state, fresh.error
