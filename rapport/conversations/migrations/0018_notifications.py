"""Notifications: what agents should hear of, and by which ways they want to hear."""

from __future__ import annotations

import django.db.models.deletion
import rapport.kernel.clock
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_comfort'),
        ('conversations', '0017_bulk'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='NotificationChoice',
            fields=[
                ('agent', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='notification_choice', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('ways', models.JSONField(default=dict)),
                ('mail_minutes', models.PositiveIntegerField(default=60)),
                ('has_words', models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name='Notification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('by_kind', models.CharField(max_length=16)),
                ('by_id', models.BigIntegerField(null=True)),
                ('by_name', models.TextField(blank=True, default='')),
                ('at', models.DateTimeField(default=rapport.kernel.clock.now)),
                ('kind', models.CharField(max_length=12)),
                ('message_id', models.BigIntegerField(null=True)),
                ('times', models.PositiveIntegerField(default=1)),
                ('era', models.BigIntegerField()),
                ('xid', models.BigIntegerField()),
                ('entry', models.BigIntegerField()),
                ('on_desk', models.BooleanField()),
                ('in_browser', models.BooleanField()),
                ('by_mail', models.BooleanField()),
                ('read_at', models.DateTimeField(null=True)),
                ('mailed_at', models.DateTimeField(null=True)),
                ('agent', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to=settings.AUTH_USER_MODEL)),
                ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to='conversations.conversation')),
            ],
            options={
                'indexes': [models.Index(fields=['agent', 'conversation'], name='notification_of'), models.Index(fields=['agent', '-at'], name='notification_newest'), models.Index(condition=models.Q(('read_at', None)), fields=['at'], name='notification_waiting')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('read_at', None)), fields=('agent', 'conversation', 'kind'), name='notification_unread_once')],
            },
        ),
    ]
