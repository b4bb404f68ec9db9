"""All tables of this app at once; what was made step by step before stands for the same."""

import datetime
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from otklik.common.migrating import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("cases", "0001_initial"),
        ("cases", "0002_open_by_flag"),
        ("cases", "0003_fewer_indexes"),
        ("cases", "0004_index_what_was_said"),
        ("cases", "0005_case_life"),
        ("cases", "0006_same_problem"),
        ("cases", "0007_counts_and_views"),
        ("cases", "0008_notes_and_templates"),
        ("cases", "0009_formal_appeals"),
        ("cases", "0010_personal_control"),
        ("cases", "0011_snoozes"),
        ("cases", "0012_presences"),
        ("cases", "0013_what_everybody_sees"),
        ("cases", "0014_clear_again"),
        ("cases", "0015_send_times"),
        ("cases", "0016_field_deeds"),
        ("cases", "0017_photos"),
        ("cases", "0018_assignment_rules"),
    ]
    initial = True

    dependencies = [
        ("channels", "0001_foundation"),
        ("media", "0001_foundation"),
        ("org", "0001_foundation"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="Answer",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("text", models.TextField()),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("final", "Answer"),
                                    ("interim", "Interim answer"),
                                    ("question", "Question to the resident"),
                                    ("promise", "Promise with a date"),
                                    ("redirect", "Passing on to another body"),
                                ],
                                default="final",
                                max_length=10,
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("submitted", "Waits for approval"),
                                    ("approved", "Approved, being sent"),
                                    ("sent", "Sent"),
                                    ("declined", "Sent back to the author"),
                                ],
                                default="draft",
                                max_length=10,
                            ),
                        ),
                        (
                            "outcome",
                            models.CharField(
                                choices=[
                                    ("resolved", "Solved"),
                                    ("explained", "Explained"),
                                    ("postponed", "Promised for later"),
                                    ("refused", "Refused"),
                                    ("redirected", "Passed to another body"),
                                    ("no_reply", "No word from the resident"),
                                ],
                                default="explained",
                                max_length=10,
                            ),
                        ),
                        ("promised_on", models.DateField(blank=True, help_text="of a promise", null=True)),
                        (
                            "reason",
                            models.CharField(
                                blank=True, help_text="of a promise: why it takes until then", max_length=300
                            ),
                        ),
                        ("in_heads_name", models.BooleanField(default=False)),
                        ("remark", models.TextField(blank=True, help_text="why it was sent back")),
                        ("created_at", models.DateTimeField()),
                        ("submitted_at", models.DateTimeField(blank=True, null=True)),
                        ("approved_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "send_at",
                            models.DateTimeField(
                                blank=True, help_text="approved to be sent then; empty: at once", null=True
                            ),
                        ),
                        ("sent_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "approver",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "author",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "body",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.outsidebody",
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
                            "source_message",
                            models.OneToOneField(
                                blank=True,
                                help_text="when it was typed in the network's app",
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                to="channels.message",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["id"],
                    },
                ),
                migrations.CreateModel(
                    name="AnswerSend",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "answer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="sends", to="cases.answer"
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
                            "outgoing",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="answer_send",
                                to="channels.outgoing",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="BulkAction",
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
                                choices=[
                                    ("assign", "Pass to a department"),
                                    ("topic", "Correct the topic"),
                                    ("control", "Take under personal control"),
                                    ("reject", "Reject as spam or abuse"),
                                    ("snooze", "Put out of my sight for a while"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("detail", models.JSONField(default=dict)),
                        ("at", models.DateTimeField()),
                        ("undone_at", models.DateTimeField(blank=True, null=True)),
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
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Case",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        ("code", models.CharField(max_length=24, unique=True)),
                        (
                            "kind",
                            models.CharField(
                                choices=[("request", "Request"), ("question", "Question"), ("idea", "Idea")],
                                default="request",
                                max_length=10,
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("new", "New"),
                                    ("triage", "Being sorted"),
                                    ("assigned", "Assigned"),
                                    ("in_progress", "In progress"),
                                    ("drafting", "Answer being written"),
                                    ("approval", "Waits for approval"),
                                    ("answered", "Answered"),
                                    ("closed", "Closed"),
                                    ("returned", "Returned"),
                                    ("waiting_resident", "Waits for the resident"),
                                    ("postponed", "Postponed"),
                                    ("reopened", "Reopened"),
                                    ("duplicate", "Duplicate"),
                                    ("rejected", "Rejected"),
                                    ("redirected", "Passed on"),
                                ],
                                default="new",
                                max_length=20,
                            ),
                        ),
                        (
                            "is_owed",
                            models.GeneratedField(
                                db_persist=True,
                                expression=models.ExpressionWrapper(
                                    models.Q(
                                        (
                                            "status__in",
                                            [
                                                "approval",
                                                "assigned",
                                                "drafting",
                                                "in_progress",
                                                "new",
                                                "postponed",
                                                "reopened",
                                                "returned",
                                                "triage",
                                                "waiting_resident",
                                            ],
                                        )
                                    ),
                                    output_field=models.BooleanField(),
                                ),
                                help_text="the city still owes something",
                                output_field=models.BooleanField(),
                            ),
                        ),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("resolved", "Solved"),
                                    ("explained", "Explained"),
                                    ("postponed", "Promised for later"),
                                    ("refused", "Refused"),
                                    ("redirected", "Passed to another body"),
                                    ("no_reply", "No word from the resident"),
                                ],
                                max_length=10,
                            ),
                        ),
                        (
                            "urgency",
                            models.PositiveSmallIntegerField(
                                default=0, help_text="0 not an incident … 4 danger to life"
                            ),
                        ),
                        ("summary", models.CharField(help_text="the first words of the first message", max_length=160)),
                        ("place_text", models.CharField(blank=True, max_length=200)),
                        (
                            "place_key",
                            models.CharField(
                                blank=True, help_text="street and house in comparable form", max_length=120
                            ),
                        ),
                        ("message_count", models.PositiveIntegerField(default=1)),
                        ("opened_at", models.DateTimeField()),
                        ("answer_due_at", models.DateTimeField(blank=True, null=True)),
                        ("solve_due_at", models.DateTimeField(blank=True, null=True)),
                        ("postponed_until", models.DateField(blank=True, null=True)),
                        ("promise_reason", models.CharField(blank=True, max_length=300)),
                        ("interim_answered_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "waiting_since",
                            models.DateTimeField(blank=True, help_text="the clock stands still since then", null=True),
                        ),
                        (
                            "due_before_wait",
                            models.DateTimeField(
                                blank=True, help_text="the deadline that the clock stopped at", null=True
                            ),
                        ),
                        (
                            "clock_minutes",
                            models.PositiveIntegerField(
                                blank=True, help_text="how long the present deadline is", null=True
                            ),
                        ),
                        (
                            "warned",
                            models.PositiveSmallIntegerField(
                                default=0, help_text="percent of the time that officials were told of"
                            ),
                        ),
                        (
                            "wakes_at",
                            models.DateTimeField(
                                blank=True, help_text="when time next has something to say about it", null=True
                            ),
                        ),
                        ("calendar_version", models.CharField(blank=True, max_length=40)),
                        ("answered_at", models.DateTimeField(blank=True, null=True)),
                        ("closed_at", models.DateTimeField(blank=True, null=True)),
                        ("personal_control", models.BooleanField(default=False)),
                        (
                            "is_public",
                            models.BooleanField(default=False, help_text="an operator cleared it for the public page"),
                        ),
                        (
                            "resident_agreed",
                            models.BooleanField(default=False, help_text="the resident let it be public"),
                        ),
                        (
                            "verdict",
                            models.CharField(
                                blank=True, choices=[("solved", "Solved"), ("not_solved", "Not solved")], max_length=12
                            ),
                        ),
                        (
                            "rating",
                            models.PositiveSmallIntegerField(
                                blank=True, help_text="1 to 5, by the resident", null=True
                            ),
                        ),
                        ("updated_at", models.DateTimeField()),
                        (
                            "channel",
                            models.ForeignKey(
                                db_index=False,
                                help_text="where it came first",
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="channels.channel",
                            ),
                        ),
                        (
                            "department",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.department",
                            ),
                        ),
                        (
                            "executor",
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
                            "place",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="org.place",
                            ),
                        ),
                        (
                            "redirected_to",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.outsidebody",
                            ),
                        ),
                        (
                            "repeat_of",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="repeats",
                                to="cases.case",
                            ),
                        ),
                        (
                            "resident",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="channels.resident",
                            ),
                        ),
                        (
                            "topic",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.topic",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="BulkStep",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("before", models.JSONField(default=dict)),
                        (
                            "action",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="cases.bulkaction"
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
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="cases.case",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Appraisal",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("attitude", models.PositiveSmallIntegerField()),
                        ("result", models.PositiveSmallIntegerField()),
                        ("given_at", models.DateTimeField(help_text="the first time: it may be changed for a day")),
                        ("changed_at", models.DateTimeField(blank=True, null=True)),
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
                            "case",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE, related_name="appraisal", to="cases.case"
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Appeal",
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
                                    ("received", "Waits to be registered"),
                                    ("registered", "Registered"),
                                    ("answered", "Answered"),
                                    ("forwarded", "Passed on by law"),
                                    ("struck", "Entered by mistake"),
                                ],
                                default="received",
                                max_length=10,
                            ),
                        ),
                        (
                            "number",
                            models.CharField(blank=True, help_text="of the city's register of appeals", max_length=40),
                        ),
                        ("received_on", models.DateField()),
                        ("registered_on", models.DateField(blank=True, null=True)),
                        (
                            "due_on",
                            models.DateField(help_text="the last day to register it, then the last day to answer"),
                        ),
                        (
                            "due_before",
                            models.DateField(
                                blank=True, help_text="the last day before the term was extended", null=True
                            ),
                        ),
                        ("extension_reason", models.CharField(blank=True, max_length=300)),
                        (
                            "told_on",
                            models.DateField(
                                blank=True, help_text="when the resident was told of the longer term", null=True
                            ),
                        ),
                        ("ended_on", models.DateField(blank=True, null=True)),
                        (
                            "remark",
                            models.CharField(
                                blank=True, help_text="the answer's number, or why it was struck out", max_length=300
                            ),
                        ),
                        ("calendar_version", models.CharField(blank=True, max_length=40)),
                        (
                            "warned",
                            models.PositiveSmallIntegerField(
                                default=0, help_text="percent of the term that officials were told of"
                            ),
                        ),
                        ("wakes_at", models.DateTimeField(blank=True, null=True)),
                        ("entered_at", models.DateTimeField()),
                        (
                            "entered_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "forwarded_to",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.outsidebody",
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
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="appeals", to="cases.case"
                            ),
                        ),
                    ],
                ),
                migrations.AddField(
                    model_name="answer",
                    name="case",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="answers", to="cases.case"
                    ),
                ),
                migrations.CreateModel(
                    name="Acknowledgement",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
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
                        (
                            "outgoing",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                to="channels.outgoing",
                            ),
                        ),
                        (
                            "thread",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="channels.thread"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="cases.case"
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="CaseMessage",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="case_messages",
                                to="cases.case",
                            ),
                        ),
                        (
                            "identity",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="channels.identity",
                            ),
                        ),
                        (
                            "message",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="case_message",
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
                        (
                            "thread",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="channels.thread",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="CaseReturn",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("reason", models.CharField(max_length=300)),
                        ("at", models.DateTimeField()),
                        ("decided_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "accepted",
                            models.BooleanField(help_text="the case went where it was proposed to", null=True),
                        ),
                        (
                            "is_final",
                            models.BooleanField(
                                default=False, help_text="a curator decided for good, after it went to and fro"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="returns", to="cases.case"
                            ),
                        ),
                        (
                            "department",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.department",
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
                            "official",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "proposed",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.department",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["id"],
                    },
                ),
                migrations.CreateModel(
                    name="CaseTally",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("status", models.CharField(max_length=20)),
                        ("personal_control", models.BooleanField()),
                        ("is_urgent", models.BooleanField()),
                        ("amount", models.IntegerField()),
                        ("is_folded", models.BooleanField(db_default=False)),
                        (
                            "channel",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="channels.channel",
                            ),
                        ),
                        (
                            "department",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="org.department",
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
                            "topic",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="org.topic",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "case tallies",
                    },
                ),
                migrations.CreateModel(
                    name="ControlReport",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("text", models.TextField()),
                        ("at", models.DateTimeField()),
                        (
                            "author",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "department",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="org.department",
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
                    name="CasePhoto",
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
                                    ("answer", "With the answer"),
                                    ("report", "With a report to the head"),
                                    ("evidence", "Before or after"),
                                ],
                                max_length=10,
                            ),
                        ),
                        (
                            "side",
                            models.CharField(
                                blank=True, choices=[("", ""), ("before", "Before"), ("after", "After")], max_length=10
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField(default=0)),
                        (
                            "alt",
                            models.CharField(
                                blank=True, help_text="what it shows, for who can't see it", max_length=300
                            ),
                        ),
                        (
                            "alt_waived",
                            models.CharField(blank=True, help_text="why it needs no such words", max_length=200),
                        ),
                        ("deed", models.CharField(max_length=40)),
                        ("part", models.PositiveSmallIntegerField(default=0)),
                        ("added_at", models.DateTimeField()),
                        (
                            "added_by",
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
                            "answer",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="photos",
                                to="cases.answer",
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="photos",
                                to="cases.case",
                            ),
                        ),
                        (
                            "file",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="media.storedfile"
                            ),
                        ),
                        (
                            "message",
                            models.ForeignKey(
                                blank=True,
                                help_text="whose photo it is",
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
                        (
                            "report",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="photos",
                                to="cases.controlreport",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["position", "id"],
                    },
                ),
                migrations.CreateModel(
                    name="DeadlineMove",
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
                                choices=[("deadline", "Deadline moved"), ("promise", "Another day promised")],
                                max_length=10,
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("before", models.DateTimeField(blank=True, null=True)),
                        ("after", models.DateTimeField()),
                        ("reason", models.CharField(max_length=300)),
                        (
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="cases.case",
                            ),
                        ),
                        (
                            "department",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="org.department",
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
                            "official",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-id"],
                    },
                ),
                migrations.CreateModel(
                    name="Escalation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("steps", models.JSONField(default=list, help_text="[percent, [roles]], the lowest first")),
                        (
                            "hours",
                            models.CharField(
                                choices=[
                                    ("working", "In working hours only"),
                                    ("daily", "Every day, between these hours"),
                                ],
                                default="working",
                                max_length=10,
                            ),
                        ),
                        ("opens", models.TimeField(default=datetime.time(9, 0))),
                        ("closes", models.TimeField(default=datetime.time(18, 0))),
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
                    name="FieldDeed",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.UUIDField()),
                        ("deed", models.CharField(help_text="take, note, return or draft", max_length=10)),
                        (
                            "came_to",
                            models.CharField(blank=True, help_text="which of a deed's ends it was", max_length=20),
                        ),
                        ("at", models.DateTimeField()),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="cases.case"
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
                            "official",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="JournalEntry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("action", models.CharField(max_length=30)),
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
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="journal",
                                to="cases.case",
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
                        "verbose_name_plural": "journal entries",
                        "ordering": ["id"],
                    },
                ),
                migrations.CreateModel(
                    name="Merger",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        (
                            "status_before",
                            models.CharField(
                                choices=[
                                    ("new", "New"),
                                    ("triage", "Being sorted"),
                                    ("assigned", "Assigned"),
                                    ("in_progress", "In progress"),
                                    ("drafting", "Answer being written"),
                                    ("approval", "Waits for approval"),
                                    ("answered", "Answered"),
                                    ("closed", "Closed"),
                                    ("returned", "Returned"),
                                    ("waiting_resident", "Waits for the resident"),
                                    ("postponed", "Postponed"),
                                    ("reopened", "Reopened"),
                                    ("duplicate", "Duplicate"),
                                    ("rejected", "Rejected"),
                                    ("redirected", "Passed on"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("moved", models.JSONField(default=list, help_text="the messages that went along")),
                        (
                            "inherited",
                            models.JSONField(default=dict, help_text="field of the other case → [before, after]"),
                        ),
                        (
                            "wakes_at",
                            models.DateTimeField(blank=True, help_text="the duplicate's own, as it was", null=True),
                        ),
                        ("undone_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="mergers", to="cases.case"
                            ),
                        ),
                        (
                            "into",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="merged", to="cases.case"
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
                            "official",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Note",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("text", models.TextField()),
                        ("mentioned", models.JSONField(default=list, help_text="ids of the officials who were told")),
                        ("at", models.DateTimeField()),
                        (
                            "author",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="notes",
                                to="cases.case",
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
                    name="PersonalControl",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("set_at", models.DateTimeField()),
                        (
                            "span_minutes",
                            models.PositiveIntegerField(
                                default=0, help_text="how long the plan is, in the case's own clock"
                            ),
                        ),
                        (
                            "proposed_at",
                            models.DateTimeField(blank=True, help_text="somebody proposes to let it go", null=True),
                        ),
                        ("proposal", models.CharField(blank=True, max_length=300)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="controls",
                                to="cases.case",
                            ),
                        ),
                        (
                            "ended_by",
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
                            "proposed_by",
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
                            "set_by",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                ),
                migrations.AddField(
                    model_name="controlreport",
                    name="control",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reports",
                        to="cases.personalcontrol",
                    ),
                ),
                migrations.CreateModel(
                    name="Checkpoint",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "percent",
                            models.PositiveSmallIntegerField(
                                blank=True, help_text="of the time; none: asked by a person", null=True
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("ahead", "Ahead"),
                                    ("due", "Report asked for"),
                                    ("reported", "Reported"),
                                    ("missed", "No report"),
                                    ("dropped", "Not needed any more"),
                                ],
                                default="ahead",
                                max_length=10,
                            ),
                        ),
                        (
                            "at",
                            models.DateTimeField(
                                blank=True, help_text="none while the case's clock stands still", null=True
                            ),
                        ),
                        ("report_by", models.DateTimeField(blank=True, null=True)),
                        ("wakes_at", models.DateTimeField(blank=True, null=True)),
                        ("question", models.CharField(blank=True, max_length=500)),
                        ("created_at", models.DateTimeField()),
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
                            "municipality",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="org.municipality",
                            ),
                        ),
                        (
                            "control",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="checkpoints",
                                to="cases.personalcontrol",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Presence",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.CharField(choices=[("case", "Case"), ("message", "Message")], max_length=10)),
                        ("ref", models.BigIntegerField()),
                        ("seen_at", models.DateTimeField(db_index=True)),
                        ("typing_until", models.DateTimeField(blank=True, null=True)),
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
                ),
                migrations.CreateModel(
                    name="SameHere",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "visitor",
                            models.CharField(
                                help_text="digest of the number in the browser's signed cookie", max_length=64
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        (
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="cases.case",
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
                        "verbose_name_plural": "same here",
                    },
                ),
                migrations.CreateModel(
                    name="SavedView",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "sharing",
                            models.CharField(
                                choices=[
                                    ("own", "Only me"),
                                    ("department", "My department"),
                                    ("city", "The whole city"),
                                ],
                                default="own",
                                max_length=10,
                            ),
                        ),
                        ("name", models.CharField(max_length=60)),
                        (
                            "filters",
                            models.JSONField(
                                default=dict, help_text="view, status, department, topic, channel, due, control, mine"
                            ),
                        ),
                        ("position", models.PositiveIntegerField(default=0)),
                        ("deleted_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "department",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="org.department",
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
                            "owner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Shift",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("days", models.CharField(help_text="weekdays as digits, 0 is Monday", max_length=7)),
                        ("starts", models.TimeField()),
                        ("ends", models.TimeField()),
                        ("first_on", models.DateField(blank=True, null=True)),
                        ("last_on", models.DateField(blank=True, null=True)),
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
                                related_name="shifts",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Showing",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("title", models.CharField(blank=True, max_length=160)),
                        ("text", models.TextField(blank=True)),
                        (
                            "hidden",
                            models.JSONField(
                                default=list, help_text="which words of the message are hidden, by their numbers"
                            ),
                        ),
                        ("stems", models.TextField(blank=True, help_text="the words to be found by, between spaces")),
                        ("cleared_at", models.DateTimeField()),
                        ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "withdrawal",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("resident", "The resident asked for it"),
                                    ("personal", "It held somebody's personal data"),
                                    ("mistake", "It was shown by mistake"),
                                ],
                                max_length=10,
                            ),
                        ),
                        (
                            "same_here",
                            models.PositiveIntegerField(default=0, help_text="how many said that they have it too"),
                        ),
                        (
                            "case",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE, related_name="showing", to="cases.case"
                            ),
                        ),
                        (
                            "cleared_by",
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
                            "message",
                            models.ForeignKey(
                                help_text="whose words they are",
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
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="ShownPhoto",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.CharField(max_length=32)),
                        ("alt", models.CharField(blank=True, max_length=300)),
                        (
                            "areas",
                            models.JSONField(
                                default=list,
                                help_text="what is covered: left, top, right, bottom as shares of the sides",
                            ),
                        ),
                        ("cleared_at", models.DateTimeField()),
                        ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "withdrawal",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("resident", "The resident asked for it"),
                                    ("personal", "It held somebody's personal data"),
                                    ("mistake", "It was shown by mistake"),
                                ],
                                max_length=10,
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="shown_photos",
                                to="cases.case",
                            ),
                        ),
                        (
                            "cleared_by",
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
                            "file",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="media.storedfile",
                            ),
                        ),
                        (
                            "message",
                            models.ForeignKey(
                                blank=True,
                                help_text="whose photo it is",
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
                        (
                            "source",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="media.storedfile"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["id"],
                    },
                ),
                migrations.CreateModel(
                    name="Snooze",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        (
                            "until",
                            models.DateTimeField(blank=True, help_text="empty: until something new comes", null=True),
                        ),
                        (
                            "seen_at",
                            models.DateTimeField(
                                help_text="when the case had last changed; a later change ends the snooze"
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="snoozes",
                                to="cases.case",
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
                            "official",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Suggestion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("score", models.FloatField()),
                        (
                            "reasons",
                            models.JSONField(
                                default=list, help_text="[rule, what it speaks of], as triage.alike tells them"
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Not decided"),
                                    ("accepted", "The same"),
                                    ("declined", "Not the same"),
                                ],
                                default="open",
                                max_length=10,
                            ),
                        ),
                        ("decided_at", models.DateTimeField(blank=True, null=True)),
                        ("created_at", models.DateTimeField()),
                        (
                            "candidate",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="resembled_by",
                                to="cases.case",
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                blank=True,
                                help_text="that it opened",
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="suggestions",
                                to="cases.case",
                            ),
                        ),
                        (
                            "decided_by",
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
                            "message",
                            models.ForeignKey(
                                db_index=False,
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
                ),
                migrations.CreateModel(
                    name="Trace",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.BigIntegerField()),
                        (
                            "message",
                            models.ForeignKey(
                                db_index=False,
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
                ),
                migrations.CreateModel(
                    name="AnswerSettings",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "at_night",
                            models.CharField(
                                choices=[("at_once", "Goes out at once"), ("morning", "Goes out when work begins")],
                                default="at_once",
                                max_length=10,
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
                        "verbose_name_plural": "answer settings",
                        "constraints": [models.UniqueConstraint(fields=("municipality",), name="answer_settings_once")],
                    },
                ),
                migrations.CreateModel(
                    name="AnswerTemplate",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=80)),
                        (
                            "text",
                            models.TextField(help_text="with {name}, {number}, {address}, {department}, {promised}"),
                        ),
                        ("status", models.CharField(blank=True, max_length=20)),
                        ("deleted_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "department",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="org.department",
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
                            "topic",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="org.topic",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["municipality", "name"], name="template_by_name")],
                    },
                ),
                migrations.CreateModel(
                    name="AppealRules",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=120)),
                        ("name_en", models.CharField(blank=True, max_length=120)),
                        ("law", models.CharField(max_length=300)),
                        ("law_en", models.CharField(blank=True, max_length=300)),
                        (
                            "counts",
                            models.CharField(
                                choices=[("calendar", "Calendar days"), ("working", "Working days")],
                                default="calendar",
                                max_length=10,
                            ),
                        ),
                        ("register_days", models.PositiveSmallIntegerField(help_text="from the day it came")),
                        ("answer_days", models.PositiveSmallIntegerField(help_text="from the day it was registered")),
                        ("extend_days", models.PositiveSmallIntegerField(help_text="once, with notice; 0: never")),
                        (
                            "forward_days",
                            models.PositiveSmallIntegerField(help_text="to pass it on, from the day it was registered"),
                        ),
                        (
                            "day_off",
                            models.CharField(
                                choices=[
                                    ("previous", "On the working day before"),
                                    ("next", "On the working day after"),
                                ],
                                default="previous",
                                max_length=10,
                            ),
                        ),
                        ("source", models.CharField(blank=True, max_length=300)),
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
                        "verbose_name_plural": "appeal rules",
                        "constraints": [models.UniqueConstraint(fields=("municipality",), name="appeal_rules_once")],
                    },
                ),
                migrations.CreateModel(
                    name="AssignmentRule",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=120)),
                        ("position", models.PositiveIntegerField()),
                        ("is_on", models.BooleanField(default=True)),
                        ("version", models.PositiveIntegerField(default=1)),
                        (
                            "kind",
                            models.CharField(
                                blank=True,
                                choices=[("request", "Request"), ("question", "Question"), ("idea", "Idea")],
                                max_length=10,
                            ),
                        ),
                        ("urgency_from", models.PositiveSmallIntegerField(default=0)),
                        (
                            "hours",
                            models.CharField(
                                choices=[
                                    ("always", "At any time"),
                                    ("working", "In working hours"),
                                    ("off", "Outside working hours"),
                                ],
                                default="always",
                                max_length=10,
                            ),
                        ),
                        (
                            "load_from",
                            models.PositiveIntegerField(
                                blank=True, help_text="only while that department has so many open cases", null=True
                            ),
                        ),
                        (
                            "manner",
                            models.CharField(
                                choices=[("assign", "Assign"), ("suggest", "Suggest: a person confirms")],
                                default="assign",
                                max_length=10,
                            ),
                        ),
                        (
                            "whom",
                            models.CharField(
                                choices=[
                                    ("nobody", "Nobody yet: the department takes it itself"),
                                    ("least", "Whoever has the fewest open cases"),
                                    ("shift", "Whoever is on shift now"),
                                    ("named", "Always this person"),
                                ],
                                default="nobody",
                                max_length=10,
                            ),
                        ),
                        (
                            "department",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="org.department",
                            ),
                        ),
                        (
                            "instead_of",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                help_text="who would answer by the table",
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="org.department",
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
                            "official",
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
                            "place",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="org.place",
                            ),
                        ),
                        (
                            "topic",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="org.topic",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["position", "id"],
                        "indexes": [
                            models.Index(fields=["municipality", "position", "id"], name="assignment_rule_order")
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("municipality", "name"), name="assignment_rule_name"),
                            models.CheckConstraint(
                                condition=models.Q(("urgency_from__lte", 4)), name="assignment_rule_urgency"
                            ),
                        ],
                    },
                ),
                migrations.AddIndex(
                    model_name="case",
                    index=models.Index(fields=["municipality", "-id"], name="case_newest"),
                ),
                migrations.AddIndex(
                    model_name="case",
                    index=models.Index(fields=["municipality", "status", "-id"], name="case_by_status"),
                ),
                migrations.AddIndex(
                    model_name="case",
                    index=models.Index(fields=["municipality", "department", "-id"], name="case_by_department"),
                ),
                migrations.AddIndex(
                    model_name="case",
                    index=models.Index(fields=["municipality", "topic", "-id"], name="case_by_topic"),
                ),
                migrations.AddIndex(
                    model_name="case",
                    index=models.Index(fields=["municipality", "channel", "-id"], name="case_by_channel"),
                ),
                migrations.AddIndex(
                    model_name="case",
                    index=models.Index(
                        condition=models.Q(("is_owed", True)), fields=["municipality", "-id"], name="case_open"
                    ),
                ),
                migrations.AddIndex(
                    model_name="case",
                    index=models.Index(
                        condition=models.Q(("is_owed", True)),
                        fields=["municipality", "department", "-id"],
                        name="case_open_department",
                    ),
                ),
                migrations.AddIndex(
                    model_name="case",
                    index=models.Index(
                        condition=models.Q(("is_owed", True)),
                        fields=["municipality", "answer_due_at", "id"],
                        name="case_due",
                    ),
                ),
                migrations.AddIndex(
                    model_name="case",
                    index=models.Index(
                        condition=models.Q(("is_owed", True)),
                        fields=["municipality", "department", "answer_due_at"],
                        name="case_due_there",
                    ),
                ),
                migrations.AddIndex(
                    model_name="case",
                    index=models.Index(fields=["municipality", "department", "status"], name="case_waiting"),
                ),
                migrations.AddIndex(
                    model_name="case",
                    index=models.Index(
                        condition=models.Q(("is_owed", True)), fields=["executor", "-id"], name="case_mine"
                    ),
                ),
                migrations.AddIndex(
                    model_name="case",
                    index=models.Index(
                        condition=models.Q(("is_owed", True), ("urgency__gte", 3)),
                        fields=["municipality", "-id"],
                        name="case_urgent",
                    ),
                ),
                migrations.AddIndex(
                    model_name="case",
                    index=models.Index(
                        condition=models.Q(("is_owed", True)),
                        fields=["municipality", "topic", "place_key"],
                        name="case_same_problem",
                    ),
                ),
                migrations.AddIndex(
                    model_name="case",
                    index=models.Index(
                        condition=models.Q(("personal_control", True)),
                        fields=["municipality", "-id"],
                        name="case_control",
                    ),
                ),
                migrations.AddIndex(
                    model_name="case",
                    index=models.Index(
                        condition=models.Q(("is_public", True)), fields=["municipality", "-id"], name="case_public"
                    ),
                ),
                migrations.AddIndex(
                    model_name="case",
                    index=models.Index(
                        condition=models.Q(("verdict", "solved")),
                        fields=["municipality", "closed_at"],
                        name="case_confirmed",
                    ),
                ),
                migrations.AddIndex(
                    model_name="case",
                    index=models.Index(
                        condition=models.Q(("status", "answered")), fields=["answered_at"], name="case_silent"
                    ),
                ),
                migrations.AddIndex(
                    model_name="case",
                    index=models.Index(
                        condition=models.Q(("wakes_at__isnull", False)), fields=["wakes_at"], name="case_wakes"
                    ),
                ),
                migrations.AddIndex(
                    model_name="case",
                    index=models.Index(
                        condition=models.Q(("repeat_of__isnull", False)), fields=["repeat_of"], name="case_repeats"
                    ),
                ),
                migrations.AddIndex(
                    model_name="case",
                    index=models.Index(fields=["municipality", "place_key", "topic"], name="case_same_place"),
                ),
                migrations.AddConstraint(
                    model_name="case",
                    constraint=models.UniqueConstraint(fields=("municipality", "number"), name="case_number"),
                ),
                migrations.AddConstraint(
                    model_name="case",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("rating", None), ("rating__range", (1, 5)), _connector="OR"),
                        name="case_rating",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="appraisal",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("attitude__range", (1, 5)), ("result__range", (1, 5))),
                        name="appraisal_from_one_to_five",
                    ),
                ),
                migrations.AddIndex(
                    model_name="appeal",
                    index=models.Index(fields=["municipality", "-id"], name="appeal_newest"),
                ),
                migrations.AddIndex(
                    model_name="appeal",
                    index=models.Index(
                        condition=models.Q(("state__in", ["received", "registered"])),
                        fields=["municipality", "due_on", "id"],
                        name="appeal_running",
                    ),
                ),
                migrations.AddIndex(
                    model_name="appeal",
                    index=models.Index(
                        condition=models.Q(("wakes_at__isnull", False)), fields=["wakes_at"], name="appeal_wakes"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="appeal",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(
                            models.Q(("number", ""), _negated=True), models.Q(("state", "struck"), _negated=True)
                        ),
                        fields=("municipality", "number"),
                        name="appeal_number_once",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="appeal",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["received", "struck"]),
                            models.Q(models.Q(("number", ""), _negated=True), ("registered_on__isnull", False)),
                            _connector="OR",
                        ),
                        name="appeal_registered_has_a_number",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="answer",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("state__in", ["draft", "submitted", "approved"])),
                        fields=("municipality", "case"),
                        name="one_answer_at_a_time",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="acknowledgement",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "thread", "identity"), name="acknowledged_once"
                    ),
                ),
                migrations.AddIndex(
                    model_name="casemessage",
                    index=models.Index(fields=["municipality", "thread", "identity"], name="case_of_conversation"),
                ),
                migrations.AddIndex(
                    model_name="casereturn",
                    index=models.Index(fields=["municipality", "department", "at"], name="returns_of_department"),
                ),
                migrations.AddConstraint(
                    model_name="casereturn",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("decided_at", None)),
                        fields=("municipality", "case"),
                        name="one_return_at_a_time",
                    ),
                ),
                migrations.AddIndex(
                    model_name="casetally",
                    index=models.Index(fields=["municipality", "department"], name="tally_of_department"),
                ),
                migrations.AddIndex(
                    model_name="casephoto",
                    index=models.Index(fields=["case", "position", "id"], name="photos_of_case"),
                ),
                migrations.AddConstraint(
                    model_name="casephoto",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "case", "deed", "part"), name="case_photo_once"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="casephoto",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("side", ""), _negated=True),
                        fields=("municipality", "case", "side"),
                        name="one_photo_of_a_side",
                    ),
                ),
                migrations.AddIndex(
                    model_name="deadlinemove",
                    index=models.Index(fields=["municipality", "-id"], name="deadline_moves_newest"),
                ),
                migrations.AddIndex(
                    model_name="deadlinemove",
                    index=models.Index(fields=["municipality", "at"], name="deadline_moves_lately"),
                ),
                migrations.AddConstraint(
                    model_name="escalation",
                    constraint=models.UniqueConstraint(fields=("municipality",), name="escalation_of_city"),
                ),
                migrations.AddConstraint(
                    model_name="escalation",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("closes__gt", models.F("opens"))), name="escalation_hours_forward"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="fielddeed",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "official", "key"), name="field_deed_once"
                    ),
                ),
                migrations.AddIndex(
                    model_name="journalentry",
                    index=models.Index(fields=["case", "id"], name="journal_of_case"),
                ),
                migrations.AddConstraint(
                    model_name="merger",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("undone_at", None)), fields=("municipality", "case"), name="merged_once"
                    ),
                ),
                migrations.AddIndex(
                    model_name="note",
                    index=models.Index(fields=["case", "id"], name="note_of_case"),
                ),
                migrations.AddIndex(
                    model_name="personalcontrol",
                    index=models.Index(fields=["case"], name="control_of_case"),
                ),
                migrations.AddConstraint(
                    model_name="personalcontrol",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("municipality", "case"), name="controlled_once"
                    ),
                ),
                migrations.AddIndex(
                    model_name="controlreport",
                    index=models.Index(fields=["control", "id"], name="reports_of_control"),
                ),
                migrations.AddIndex(
                    model_name="checkpoint",
                    index=models.Index(fields=["control", "id"], name="checkpoints_of_control"),
                ),
                migrations.AddIndex(
                    model_name="checkpoint",
                    index=models.Index(
                        condition=models.Q(("wakes_at__isnull", False)), fields=["wakes_at"], name="checkpoint_wakes"
                    ),
                ),
                migrations.AddIndex(
                    model_name="checkpoint",
                    index=models.Index(
                        condition=models.Q(("state__in", ["due", "missed"])),
                        fields=["municipality", "state"],
                        name="checkpoints_open",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="checkpoint",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("percent__isnull", False), ("state", "ahead")),
                        fields=("municipality", "control", "percent"),
                        name="checkpoint_once",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="presence",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "at", "ref", "official"), name="present_once"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="samehere",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "case", "visitor"), name="same_here_once"
                    ),
                ),
                migrations.AddIndex(
                    model_name="savedview",
                    index=models.Index(fields=["municipality", "position", "id"], name="saved_view_order"),
                ),
                migrations.AddIndex(
                    model_name="shift",
                    index=models.Index(fields=["municipality", "official", "starts"], name="shifts_of_official"),
                ),
                migrations.AddConstraint(
                    model_name="shift",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("days", ""), _negated=True), name="shift_has_days"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="shift",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("first_on", None),
                            ("last_on", None),
                            ("last_on__gte", models.F("first_on")),
                            _connector="OR",
                        ),
                        name="shift_forward",
                    ),
                ),
                migrations.AddIndex(
                    model_name="shownphoto",
                    index=models.Index(fields=["case", "id"], name="shown_photos_of_case"),
                ),
                migrations.AddConstraint(
                    model_name="shownphoto",
                    constraint=models.UniqueConstraint(fields=("municipality", "key"), name="shown_photo_key"),
                ),
                migrations.AddConstraint(
                    model_name="shownphoto",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "case", "source"), name="shown_photo_once"
                    ),
                ),
                migrations.AddIndex(
                    model_name="snooze",
                    index=models.Index(fields=["municipality", "official", "case"], name="snoozes_of_person"),
                ),
                migrations.AddConstraint(
                    model_name="snooze",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "case", "official"), name="snoozed_once"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="snooze",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("official", None)),
                        fields=("municipality", "case"),
                        name="snoozed_once_for_all",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="suggestion",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "message", "candidate"), name="suggested_once"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="suggestion",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("score__gte", 0), ("score__lte", 1)), name="suggestion_score"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="trace",
                    constraint=models.UniqueConstraint(fields=("municipality", "key"), name="trace_once"),
                ),
            ]
        ),
    ]
