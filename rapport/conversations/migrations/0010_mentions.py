"""Mentions: whom a note calls by name."""

from __future__ import annotations

import django.db.models.deletion
import rapport.kernel.clock
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('conversations', '0009_plain_previews'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Mention',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('by_kind', models.CharField(max_length=16)),
                ('by_id', models.BigIntegerField(null=True)),
                ('by_name', models.TextField(blank=True, default='')),
                ('at', models.DateTimeField(default=rapport.kernel.clock.now)),
                ('agent', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='mentions', to=settings.AUTH_USER_MODEL)),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='mentions', to='conversations.message')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('agent', 'message'), name='mention_once')],
            },
        ),
    ]
