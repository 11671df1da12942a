"""Previews that were kept with the Markdown of what we wrote become its words, as those of new messages are."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from rapport.kernel.mail.rendering import read_words

AT_ONCE = 2000
#: Each conversation with what a human said last in it to somebody outside, or heard.
LAST_SAID = """
SELECT c.id, c.preview, said.direction, said.text
FROM (SELECT id, preview FROM conversations_conversation WHERE id > %s ORDER BY id LIMIT %s) c
LEFT JOIN LATERAL (
    SELECT direction, left(text, 1000) AS text FROM conversations_message
    WHERE conversation_id = c.id AND withdrawn_at IS NULL AND direction <> 'note' AND kind = 'human'
    ORDER BY id DESC LIMIT 1) said ON true
ORDER BY c.id
"""
KEEP = """
UPDATE conversations_conversation c SET preview = plain.words
FROM unnest(%s::bigint[], %s::text[]) AS plain (id, words) WHERE c.id = plain.id
"""


def make_plain(apps: Any, schema_editor: Any) -> None:
    """Batch by batch, whatever the number of conversations."""
    last = 0
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(LAST_SAID, [last, AT_ONCE])
            rows = cursor.fetchall()
            if not rows:
                return
            last = rows[-1][0]
            plain = {row[0]: words for row in rows if (words := _plain_of(*row[1:]))}
            cursor.execute(KEEP, [list(plain), list(plain.values())])


def _plain_of(preview: str, direction: str | None, text: str | None) -> str:
    """The words of a preview that is the beginning of our own Markdown; nothing where it is none."""
    if direction != "out" or not text or " ".join(text.split())[:200] != preview:
        return ""
    words = " ".join(read_words(text)[:1000].split())[:200]
    return words if words != preview else ""


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0008_attachment_stored_name"),
    ]

    operations = [
        migrations.RunPython(make_plain, migrations.RunPython.noop),
    ]
