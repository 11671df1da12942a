"""A channel rests, and what was amiss before."""

from __future__ import annotations

from rapport.accounts.models import Agent
from rapport.channels.breaking import break_channel
from rapport.channels.models import Channel
from rapport.channels.pausing import pause_channel, resume_channel
from rapport.kernel.actors import Actor


def test_a_broken_channel_that_rested_begins_anew_without_its_old_error(
    channel: Channel, ada: Agent
) -> None:
    break_channel(channel, by=Actor.system("test"), error="auth_invalid: 535 no")
    resume_channel(channel, by=ada.actor)
    assert (channel.state, channel.error) == ("broken", "auth_invalid: 535 no")
    pause_channel(channel, by=ada.actor)
    assert (channel.state, channel.error) == ("paused", "auth_invalid: 535 no")
    resume_channel(channel, by=ada.actor)
    assert (channel.state, channel.error) == ("active", "")
    channel.refresh_from_db()
    assert (channel.state, channel.error) == ("active", "")
