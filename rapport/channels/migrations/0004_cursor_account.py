from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('channels', '0003_recipients_apart'),
    ]

    operations = [
        migrations.AddField(
            model_name='mailboxcursor',
            name='account',
            field=models.TextField(db_default='', default=''),
        ),
    ]
