"""All tables of this app at once; what was made step by step before stands for the same."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from otklik.common.migrating import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("pulse", "0001_kept_counts_and_surges"),
        ("pulse", "0002_deed_words"),
    ]
    initial = True

    dependencies = [
        ("channels", "0001_foundation"),
        ("org", "0001_foundation"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="Surge",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("topic", "Topic"), ("place", "Place"), ("post", "Post")], max_length=10
                            ),
                        ),
                        ("scope", models.CharField(max_length=200)),
                        (
                            "topic_code",
                            models.CharField(blank=True, help_text="what most of them speak of", max_length=60),
                        ),
                        (
                            "street",
                            models.CharField(blank=True, help_text="where it is, as people read it", max_length=120),
                        ),
                        ("words", models.JSONField(default=list, help_text="what many of them say, strongest first")),
                        ("voices", models.PositiveIntegerField(default=0)),
                        (
                            "first_message_id",
                            models.BigIntegerField(default=0, help_text="its messages have no smaller id"),
                        ),
                        ("usual", models.FloatField(default=0, help_text="people in this hour of an ordinary day")),
                        ("first_voice_at", models.DateTimeField()),
                        ("last_voice_at", models.DateTimeField()),
                        ("raised_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        ("dismissed_at", models.DateTimeField(blank=True, null=True)),
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
                            "taken_by",
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
                            "thread",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="channels.thread",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="SurgeEntry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        (
                            "deed",
                            models.CharField(
                                choices=[
                                    ("raised", "Noticed"),
                                    ("taken", "Taken"),
                                    ("dismissed", "Taken off the screens"),
                                    ("announced", "Told under the post, once for everybody"),
                                    ("ended", "Over"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("detail", models.JSONField(default=dict)),
                        (
                            "actor",
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
                        (
                            "surge",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="journal", to="pulse.surge"
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="SurgeSettings",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("is_on", models.BooleanField(default=True)),
                        (
                            "voices",
                            models.PositiveSmallIntegerField(
                                default=10, help_text="people in an hour about one topic or place"
                            ),
                        ),
                        (
                            "times_usual",
                            models.PositiveSmallIntegerField(
                                default=4, help_text="times what is usual at this hour of the day"
                            ),
                        ),
                        (
                            "post_voices",
                            models.PositiveSmallIntegerField(default=30, help_text="people in an hour under one post"),
                        ),
                        (
                            "quiet_minutes",
                            models.PositiveSmallIntegerField(
                                default=60, help_text="after so long without a voice it is over"
                            ),
                        ),
                        (
                            "acknowledge_once",
                            models.BooleanField(default=True, help_text="under a post say it once, not to each"),
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
                ),
                migrations.CreateModel(
                    name="Tally",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("hour", models.DateTimeField(help_text="the hour's beginning, UTC")),
                        ("day", models.DateField(help_text="the day of it in the city's own time")),
                        ("topic_code", models.CharField(blank=True, max_length=60)),
                        (
                            "street",
                            models.CharField(
                                blank=True, help_text="in comparable form (pulse.scopes.street_key)", max_length=120
                            ),
                        ),
                        ("messages", models.PositiveIntegerField(default=0)),
                        (
                            "voices",
                            models.PositiveIntegerField(default=0, help_text="different people who ask or complain"),
                        ),
                        ("requests", models.PositiveIntegerField(default=0)),
                        ("questions", models.PositiveIntegerField(default=0)),
                        ("ideas", models.PositiveIntegerField(default=0)),
                        ("thanks", models.PositiveIntegerField(default=0)),
                        ("venting", models.PositiveIntegerField(default=0)),
                        ("abuse", models.PositiveIntegerField(default=0)),
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
                        "verbose_name_plural": "tallies",
                    },
                ),
                migrations.CreateModel(
                    name="Voice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("scope", models.CharField(max_length=200)),
                        ("hour", models.DateTimeField()),
                        ("times", models.PositiveIntegerField(default=0)),
                        ("last_at", models.DateTimeField()),
                        (
                            "identity",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="channels.identity",
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
                ),
                migrations.AddIndex(
                    model_name="surge",
                    index=models.Index(fields=["municipality", "-id"], name="surge_newest"),
                ),
                migrations.AddIndex(
                    model_name="surge",
                    index=models.Index(
                        condition=models.Q(("ended_at", None)), fields=["last_voice_at"], name="surge_going_on"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="surge",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("municipality", "scope"),
                        name="surge_once_at_a_time",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="surgesettings",
                    constraint=models.UniqueConstraint(fields=("municipality",), name="surge_settings_once"),
                ),
                migrations.AddConstraint(
                    model_name="surgesettings",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("post_voices__gte", 3),
                            ("quiet_minutes__gte", 60),
                            ("times_usual__gte", 1),
                            ("voices__gte", 3),
                        ),
                        name="surge_settings_sane",
                    ),
                ),
                migrations.AddIndex(
                    model_name="tally",
                    index=models.Index(
                        condition=models.Q(("street", "")), fields=["municipality", "day"], name="tally_of_days"
                    ),
                ),
                migrations.AddIndex(
                    model_name="tally",
                    index=models.Index(
                        condition=models.Q(("street", ""), _negated=True),
                        fields=["municipality", "street", "hour"],
                        name="tally_of_street",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="tally",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "hour", "topic_code", "street"), name="tally_once"
                    ),
                ),
                migrations.AddIndex(
                    model_name="voice",
                    index=models.Index(fields=["hour"], name="voice_to_forget"),
                ),
                migrations.AddConstraint(
                    model_name="voice",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "scope", "hour", "identity"), name="voice_once_an_hour"
                    ),
                ),
            ]
        ),
    ]
