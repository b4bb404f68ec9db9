"""All tables of this app at once; what was made step by step before stands for the same."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from otklik.common.migrating import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("teaching", "0001_initial"),
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
                    name="Version",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        (
                            "state",
                            models.CharField(choices=[("accepted", "Accepted"), ("refused", "Refused")], max_length=10),
                        ),
                        (
                            "reason",
                            models.JSONField(
                                default=dict, help_text="why it was accepted or refused: a code and its figures"
                            ),
                        ),
                        (
                            "learnt",
                            models.BinaryField(
                                help_text="triage.learnt.Learnt; none for a refused or an old one", null=True
                            ),
                        ),
                        ("card", models.JSONField(default=dict, help_text="teaching.cards.Card as it was then")),
                        ("labels", models.PositiveIntegerField(help_text="labelled messages it learnt from")),
                        ("frozen", models.PositiveIntegerField(help_text="labelled messages it was checked on")),
                        ("took_s", models.FloatField(default=0)),
                        ("made_at", models.DateTimeField()),
                        (
                            "asked_by",
                            models.ForeignKey(
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
                ),
                migrations.CreateModel(
                    name="Refit",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("queued", "Waits for its turn"),
                                    ("running", "Runs now"),
                                    ("done", "Done"),
                                    ("failed", "Broke off"),
                                ],
                                default="queued",
                                max_length=10,
                            ),
                        ),
                        (
                            "stage",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("reading", "Reads what people decided"),
                                    ("learning", "Learns"),
                                    ("checking", "Checks itself on messages it has not seen"),
                                    ("storing", "Writes down"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("asked_at", models.DateTimeField()),
                        ("started_at", models.DateTimeField(null=True)),
                        ("finished_at", models.DateTimeField(null=True)),
                        ("claimed_by", models.CharField(blank=True, max_length=80)),
                        ("attempts", models.PositiveSmallIntegerField(default=0)),
                        (
                            "note",
                            models.JSONField(
                                default=dict, help_text="what came of it, where no version did: a code and its figures"
                            ),
                        ),
                        (
                            "asked_by",
                            models.ForeignKey(
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
                            "version",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="teaching.version",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Learning",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("group_precision", models.FloatField(default=0.9)),
                        ("topic_precision", models.FloatField(default=0.85)),
                        ("refit_due_at", models.DateTimeField(help_text="the next night's turn")),
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
                            "in_use",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="teaching.version",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Label",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "about",
                            models.CharField(
                                choices=[("topic", "Topic"), ("department", "Department"), ("kind", "Kind")],
                                max_length=10,
                            ),
                        ),
                        (
                            "value",
                            models.CharField(
                                blank=True, help_text="a topic's or a department's code, or a kind", max_length=60
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("sorting", "Sorted in the queue"),
                                    ("correction", "Topic corrected"),
                                    ("assignment", "Passed to a department"),
                                    ("return", "Returned as not ours, then passed on"),
                                    ("join", "Joined to a case"),
                                    ("rejection", "Rejected"),
                                    ("labelling", "Taught"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        (
                            "by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "message",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="labels",
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
                            models.Index(fields=["municipality", "-id"], name="label_newest"),
                            models.Index(fields=["message", "about", "-id"], name="label_of_message"),
                            models.Index(fields=["municipality", "by", "at"], name="label_by_person"),
                        ],
                    },
                ),
                migrations.AddConstraint(
                    model_name="version",
                    constraint=models.UniqueConstraint(fields=("municipality", "number"), name="version_number"),
                ),
                migrations.AddIndex(
                    model_name="refit",
                    index=models.Index(
                        condition=models.Q(("state__in", ["queued", "running"])), fields=["id"], name="refit_due"
                    ),
                ),
                migrations.AddIndex(
                    model_name="refit",
                    index=models.Index(fields=["municipality", "-id"], name="refit_newest"),
                ),
                migrations.AddConstraint(
                    model_name="refit",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("state__in", ["queued", "running"])),
                        fields=("municipality",),
                        name="one_refit_at_a_time",
                    ),
                ),
                migrations.AddIndex(
                    model_name="learning",
                    index=models.Index(fields=["refit_due_at"], name="learning_due"),
                ),
                migrations.AddConstraint(
                    model_name="learning",
                    constraint=models.UniqueConstraint(fields=("municipality",), name="learning_once"),
                ),
                migrations.AddConstraint(
                    model_name="learning",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("group_precision__range", (0.5, 0.99)), ("topic_precision__range", (0.5, 0.99))
                        ),
                        name="learning_precision",
                    ),
                ),
            ]
        ),
    ]
