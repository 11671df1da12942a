from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('channels', '0004_cursor_account'),
    ]

    operations = [
        migrations.AddField(
            model_name='channel',
            name='throttled_since',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='channel',
            name='resting_until',
            field=models.DateTimeField(null=True),
        ),
    ]
