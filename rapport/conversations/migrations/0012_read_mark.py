"""Each agent's mark in a conversation; whoever has written in one has read it so far."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import rapport.kernel.clock

WRITERS_HAVE_READ = """
INSERT INTO conversations_readmark (conversation_id, agent_id, message_id, at)
SELECT conversation_id, agent_id, max(id), max(recorded_at) FROM conversations_message
WHERE agent_id IS NOT NULL GROUP BY conversation_id, agent_id
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("conversations", "0011_draft"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="ReadMark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("message_id", models.BigIntegerField()),
                ("at", models.DateTimeField(default=rapport.kernel.clock.now)),
                (
                    "agent",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="read_marks",
                        to="conversations.conversation",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("conversation", "agent"), name="read_mark_once"
                    )
                ],
            },
        ),
        migrations.RunSQL(WRITERS_HAVE_READ, migrations.RunSQL.noop),
    ]
