"""How the screens look to each colleague, and how they are worked with."""

from __future__ import annotations

from django.db import migrations, models

SYSTEM = ("auto", "As the system has it")
CHOSEN = {
    "contrast": (8, "auto", [SYSTEM, ("normal", "Normal"), ("high", "High")]),
    "motion": (8, "auto", [SYSTEM, ("reduced", "As little as can be")]),
    "density": (12, "comfortable", [("comfortable", "Comfortable"), ("compact", "Compact")]),
    "text_size": (
        8,
        "medium",
        [("small", "Small"), ("medium", "Medium"), ("large", "Large"), ("largest", "Largest")],
    ),
}


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_cache")]
    operations = [
        *(
            migrations.AddField(
                "agent",
                name,
                models.CharField(
                    max_length=length, choices=choices, default=usual, db_default=usual
                ),
            )
            for name, (length, usual, choices) in CHOSEN.items()
        ),
        migrations.AddField(
            "agent", "has_single_keys", models.BooleanField(default=True, db_default=True)
        ),
    ]
