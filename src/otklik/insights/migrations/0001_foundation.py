"""All tables of this app at once; what was made step by step before stands for the same."""

import datetime
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from otklik.common.migrating import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("insights", "0001_digests_and_reports"),
    ]
    initial = True

    dependencies = [
        ("org", "0001_foundation"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="BriefingSettings",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("digest_at", models.TimeField(default=datetime.time(8, 0))),
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
                        "constraints": [
                            models.UniqueConstraint(fields=("municipality",), name="briefing_settings_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Digest",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("day", models.DateField(help_text="in the city's own time")),
                        ("content", models.JSONField(help_text="insights.digest.Content")),
                        ("prepared_at", models.DateTimeField()),
                        ("seen_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "municipality",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="org.municipality",
                            ),
                        ),
                        (
                            "official",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-day"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("municipality", "official", "day"), name="digest_once_a_day"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WeeklyReport",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("monday", models.DateField(help_text="the first day that it tells of")),
                        (
                            "content",
                            models.JSONField(help_text="insights.weekly.Week of this week and of the one before"),
                        ),
                        ("prepared_at", models.DateTimeField()),
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
                        "ordering": ["-monday"],
                        "constraints": [
                            models.UniqueConstraint(fields=("municipality", "monday"), name="weekly_report_once")
                        ],
                    },
                ),
            ]
        ),
    ]
