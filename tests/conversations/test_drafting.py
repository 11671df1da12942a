from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rapport.conversations.access import NotAllowed
from rapport.conversations.drafting import (
    DraftGone,
    DraftMoved,
    DraftTooLong,
    Written,
    discard_draft,
    drafts_of,
    save_draft,
    take_draft,
)
from rapport.conversations.models import Attachment
from rapport.conversations.noting import write_note
from rapport.conversations.replying import reply
from rapport.conversations.uploading import discard_old_uploads, keep_upload
from rapport.kernel import clock
from rapport.kernel.journal.models import Entry

WORDS = Written(text="Half a thought", client_key="key-1", device="desk")


def kept(cast, agent=None) -> list[tuple[str, str]]:
    return [(d.kind, d.text) for d in drafts_of(cast.tent, agent=agent or cast.ben)]


def save(cast, **changes):
    return save_draft(cast.tent, replace(WORDS, **changes), by=cast.ben.actor)


def test_what_is_written_is_kept_for_its_writer_alone(cast) -> None:
    save(cast, heads={"to": "dora@poczta.example"}, later="2031-01-01T09:00")
    mine = drafts_of(cast.tent, agent=cast.ben)[0]
    assert (mine.text, mine.heads["to"], mine.later) == (
        "Half a thought", "dora@poczta.example", "2031-01-01T09:00",
    )  # fmt: skip
    assert kept(cast, cast.ada) == []


def test_the_journal_hears_nothing_of_a_draft(cast) -> None:
    before = Entry.objects.count()
    save(cast, text="secret thought")
    discard_draft(cast.tent, kind="reply", by=cast.ben.actor)
    assert Entry.objects.count() == before


def test_a_page_saves_on_over_its_own_words_without_a_version(cast) -> None:
    for text in ("H", "Ha", "Hal"):
        save(cast, text=text)
    assert kept(cast) == [("reply", "Hal")]


def test_another_device_is_told_and_can_choose(cast) -> None:
    standing = save(cast)
    with pytest.raises(DraftMoved) as moved:
        save(cast, text="From the phone", device="phone", client_key="key-2")
    assert moved.value.standing.text == "Half a thought"
    save(cast, text="From the phone", device="phone", client_key="key-2", version=standing.version)
    assert kept(cast) == [("reply", "From the phone")]
    with pytest.raises(DraftMoved):
        save(cast, text="Half a thought more", version=standing.version)


def test_the_same_words_once_more_are_no_quarrel(cast) -> None:
    save(cast)
    assert save(cast, device="phone").text == "Half a thought"


def test_a_draft_is_gone_when_it_is_sent_and_does_not_come_back(cast) -> None:
    save(cast)
    reply(cast.tent, by=cast.ben.actor, text="Half a thought", client_key="key-1")
    assert kept(cast) == []
    with pytest.raises(DraftGone) as gone:
        save(cast, text="Half a thought and a late save")
    assert gone.value.was_sent
    assert kept(cast) == []


def test_a_note_takes_its_own_draft_and_leaves_the_answer(cast) -> None:
    save(cast, kind="reply")
    save(cast, kind="note", text="Among us", client_key="key-2")
    write_note(cast.tent, by=cast.ben.actor, text="Among us", client_key="key-2")
    assert kept(cast) == [("reply", "Half a thought")]


def test_somebody_elses_key_takes_no_draft(cast) -> None:
    save(cast)
    take_draft(cast.tent, "key-1", by=cast.ada.actor)
    assert kept(cast) == [("reply", "Half a thought")]


def test_what_was_thrown_away_elsewhere_is_told(cast) -> None:
    seen = save(cast)
    discard_draft(cast.tent, kind="reply", by=cast.ben.actor)
    discard_draft(cast.tent, kind="reply", by=cast.ben.actor)
    with pytest.raises(DraftGone):
        save(cast, text="More", version=seen.version)


def test_words_move_to_another_tab_and_empty_ones_leave_nothing(cast) -> None:
    save(cast)
    save(cast, kind="note")
    assert kept(cast) == [("note", "Half a thought")]
    assert save(cast, kind="note", text="  ") is None
    assert kept(cast) == []


def test_only_who_may_work_here_drafts_and_nobody_for_another(cast) -> None:
    for stranger in (cast.cy, cast.zoe):
        with pytest.raises(NotAllowed):
            save_draft(cast.tent, WORDS, by=stranger.actor)
    save(cast)
    discard_draft(cast.tent, kind="reply", by=cast.ada.actor)
    assert kept(cast) == [("reply", "Half a thought")]


def test_a_draft_is_bounded(cast) -> None:
    for large in ({"text": "x" * 200_001}, {"heads": {"to": "x" * 20_001}}, {"later": "1" * 41}):
        with pytest.raises(DraftTooLong):
            save(cast, **large)


def test_files_wait_as_long_as_their_draft_and_are_the_writers(cast) -> None:
    mine = keep_upload(b"bill", name="bill.txt", content_type="text/plain", by=cast.ben.actor)
    hers = keep_upload(b"pay", name="pay.txt", content_type="text/plain", by=cast.ada.actor)
    save(cast, uploads=[mine.pk, hers.pk])
    Attachment.objects.update(created_at=clock.now() - timedelta(days=30))
    assert discard_old_uploads() >= 1
    assert [file.name for file in drafts_of(cast.tent, agent=cast.ben)[0].uploads] == ["bill.txt"]
    assert not Attachment.objects.filter(pk=hers.pk).exists()
    reply(cast.tent, by=cast.ben.actor, text="Here", attachments=[mine.pk], client_key="key-1")
    assert Attachment.objects.get(pk=mine.pk).message.text == "Here"
