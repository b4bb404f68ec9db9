"""All tables of this app at once; what was made step by step before stands for the same."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from otklik.common.migrating import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("assist", "0001_language_model"),
    ]
    initial = True

    dependencies = [
        ("cases", "0001_foundation"),
        ("channels", "0001_foundation"),
        ("org", "0001_foundation"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="MachineText",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "use",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft of an answer"),
                                    ("summary", "Summary of a long conversation"),
                                    ("translation", "Translation"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("language", models.CharField(help_text="in which it is to be written", max_length=5)),
                        ("asked_at", models.DateTimeField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("queued", "Waits"),
                                    ("working", "The machine is writing"),
                                    ("done", "Written"),
                                    ("failed", "Nothing came of it"),
                                    ("cancelled", "Cancelled"),
                                ],
                                default="queued",
                                max_length=10,
                            ),
                        ),
                        ("attempts", models.PositiveSmallIntegerField(default=0)),
                        ("claimed_at", models.DateTimeField(blank=True, null=True)),
                        ("finished_at", models.DateTimeField(blank=True, null=True)),
                        ("text", models.TextField(blank=True)),
                        (
                            "trouble",
                            models.CharField(
                                blank=True,
                                choices=[
                                    (
                                        "unreachable",
                                        "The model's server does not answer. Ask your administrator, or write it yourself.",
                                    ),
                                    ("slow", "The model took too long, so we stopped waiting."),
                                    (
                                        "refused",
                                        "The model's server refused: its key or the model's name may be wrong.",
                                    ),
                                    ("broken", "The model's server is in trouble. Try again later."),
                                    (
                                        "redirected",
                                        "The model's address sends us elsewhere, and we don't follow: ask your administrator.",
                                    ),
                                    ("nonsense", "The model's server answered something we can't read."),
                                    ("too_long", "The model's answer was too long to take."),
                                    ("empty", "The model wrote nothing."),
                                    ("switched_off", "The language model was switched off meanwhile."),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("messages_read", models.PositiveIntegerField(default=0)),
                        (
                            "has_strange_contacts",
                            models.BooleanField(default=False, help_text="a link or number that the case doesn't hold"),
                        ),
                        (
                            "asked_by",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="machine_texts",
                                to="cases.case",
                            ),
                        ),
                        (
                            "message",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="channels.message",
                            ),
                        ),
                        (
                            "municipality",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="org.municipality",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state__in", ["queued", "working"])),
                                fields=["id"],
                                name="machine_text_due",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("message", None), ("state__in", ["queued", "working"])),
                                fields=("municipality", "case", "use"),
                                name="machine_text_once_a_case",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("message__isnull", False), ("state__in", ["queued", "working"])),
                                fields=("municipality", "message", "use"),
                                name="machine_text_once_a_message",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ModelSettings",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("is_on", models.BooleanField(default=False)),
                        (
                            "base_url",
                            models.CharField(
                                blank=True,
                                help_text="OpenAI-compatible, such as http://10.0.0.5:8080/v1",
                                max_length=300,
                            ),
                        ),
                        ("model", models.CharField(blank=True, max_length=120)),
                        ("sealed_key", models.BinaryField(default=bytes)),
                        ("for_drafts", models.BooleanField(default=False)),
                        ("for_summaries", models.BooleanField(default=False)),
                        ("for_translation", models.BooleanField(default=False)),
                        (
                            "masks",
                            models.BooleanField(
                                default=True, help_text="phones, addresses and numbers are hidden before a text leaves"
                            ),
                        ),
                        ("timeout_s", models.PositiveSmallIntegerField(default=60)),
                        (
                            "summary_from",
                            models.PositiveSmallIntegerField(
                                default=12, help_text="messages that make a conversation long"
                            ),
                        ),
                        ("agreed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "agreed_by",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "municipality",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="org.municipality",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("municipality",), name="model_settings_once")],
                    },
                ),
            ]
        ),
    ]
