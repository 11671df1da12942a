"""Inviting: what a calendar part says, in the few words that a reader needs."""

from __future__ import annotations

import logging
from datetime import date, datetime
from typing import Any

from rapport.kernel.mail.decoding import clean_line
from rapport.kernel.mail.parsed import Invite

_log = logging.getLogger("rapport.kernel.mail")
_MOST_EVENTS = 10
_LARGEST = 512 * 1024


def read_invites(data: bytes) -> tuple[Invite, ...]:
    """The events of the calendar `data`; empty when it is none."""
    if len(data) > _LARGEST or b"BEGIN:VCALENDAR" not in data[:4096].upper():
        return ()
    from icalendar import Calendar  # a large package, needed by few mails

    try:
        calendars = Calendar.from_ical(data, multiple=True)
    except Exception:  # the library raises many kinds for a stranger's calendar
        return ()
    found: list[Invite] = []
    for calendar in calendars:
        method = _text(calendar, "METHOD").upper()
        for event in calendar.walk("VEVENT")[:_MOST_EVENTS]:
            try:
                found.append(_invite_of(event, method))
            except Exception as fault:  # one broken event must not hide the others
                _log.info("a calendar event could not be read", extra={"fault": repr(fault)[:200]})
    return tuple(found[:_MOST_EVENTS])


def _invite_of(event: Any, method: str) -> Invite:
    starts, ends = _moment(event, "DTSTART"), _moment(event, "DTEND")
    if not ends and "DURATION" in event and isinstance(_value(event, "DTSTART"), datetime):
        ends = (_value(event, "DTSTART") + event["DURATION"].dt).isoformat()
    attendees = event.get("ATTENDEE", [])
    sequence = event.get("SEQUENCE", 0)
    return Invite(
        method=method,
        uid=_text(event, "UID")[:255],
        summary=_text(event, "SUMMARY")[:500],
        starts=starts,
        ends=ends,
        is_all_day=bool(starts) and "T" not in starts,
        location=_text(event, "LOCATION")[:500],
        organizer=_mailto(event.get("ORGANIZER", "")),
        attendees=tuple(
            _mailto(x) for x in (attendees if isinstance(attendees, list) else [attendees])
        )[:100],
        status=_text(event, "STATUS").upper()[:40],
        sequence=int(sequence) if str(sequence).isdigit() else 0,
        is_recurring="RRULE" in event or "RDATE" in event,
    )


def _text(component: Any, name: str) -> str:
    value = component.get(name, "")
    return clean_line(str(value[0] if isinstance(value, list) and value else value))


def _value(component: Any, name: str) -> Any:
    value = component.get(name)
    return getattr(value, "dt", None)


def _moment(component: Any, name: str) -> str:
    value = _value(component, name)
    return value.isoformat() if isinstance(value, date) else ""


def _mailto(value: Any) -> str:
    return clean_line(str(value)).removeprefix("mailto:").removeprefix("MAILTO:")[:320]
