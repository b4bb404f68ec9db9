"""All tables of this app at once; what was made step by step before stands for the same."""

import datetime
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from otklik.common.migrating import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("notices", "0001_notices"),
        ("notices", "0002_mentions"),
        ("notices", "0003_appeal_notices"),
        ("notices", "0004_due_and_control"),
        ("notices", "0005_details_added"),
        ("notices", "0006_letters_to_officials"),
        ("notices", "0007_danger_in_a_case"),
        ("notices", "0008_push_to_phones"),
        ("notices", "0009_codes_by_city"),
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
                    name="Letter",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "way",
                            models.CharField(
                                choices=[("email", "E-mail"), ("telegram", "Telegram"), ("push", "On the phone")],
                                max_length=10,
                            ),
                        ),
                        ("key", models.CharField(help_text="the matter: sent once by each way", max_length=80)),
                        ("is_gathering", models.BooleanField(default=False, help_text="notices may still join it")),
                        (
                            "tempo",
                            models.CharField(
                                choices=[("now", "At once"), ("digest", "Gathered, once a day")],
                                default="now",
                                max_length=10,
                            ),
                        ),
                        (
                            "content",
                            models.JSONField(default=dict, help_text="of a digest or report: matter, path, counts"),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("queued", "Waiting"),
                                    ("sending", "Being sent"),
                                    ("sent", "Sent"),
                                    ("failed", "Not sent"),
                                    ("unknown", "Not certain"),
                                    ("dropped", "Given up"),
                                ],
                                default="queued",
                                max_length=10,
                            ),
                        ),
                        ("due_at", models.DateTimeField()),
                        ("attempts", models.PositiveSmallIntegerField(default=0)),
                        ("claimed_by", models.CharField(blank=True, max_length=100)),
                        ("error", models.CharField(blank=True, max_length=300)),
                        ("created_at", models.DateTimeField()),
                        ("finished_at", models.DateTimeField(blank=True, null=True)),
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
                    name="Notice",
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
                                    ("danger", "Danger to life: a resident tells of it in a case"),
                                    ("half_used", "Half of the time is used up"),
                                    ("nearly_late", "A quarter of the time is left"),
                                    ("late", "The deadline has passed"),
                                    ("very_late", "Late by half of its time, and still nothing"),
                                    ("time_runs", "The deadline comes nearer"),
                                    ("still_late", "Still late"),
                                    ("returned_twice", "Returned twice: decide whose it is"),
                                    ("tasks_left", "Somebody left and their open cases wait for you to hand them over"),
                                    ("no_reply_yet", "The resident has not answered the question yet"),
                                    ("closed_unanswered", "Closed: the resident did not answer the question"),
                                    ("promise_review", "A promise to look at again"),
                                    ("promise_due", "The promised day is over"),
                                    ("mentioned", "A colleague calls you to a case"),
                                    ("appeal_unregistered", "A formal appeal waits for its number"),
                                    ("appeal_nears", "The last day of a formal appeal nears"),
                                    ("appeal_last_day", "Today is the last day of a formal appeal"),
                                    ("appeal_late", "The last day of a formal appeal is over"),
                                    ("details", "The resident added details"),
                                    ("replied", "The resident answered the question"),
                                    ("controlled", "The head keeps an eye on it"),
                                    ("report_due", "A report is asked for"),
                                    ("checkpoint", "A checkpoint: the department was asked for a report"),
                                    ("reported", "The department reports"),
                                    ("report_missing", "No report came"),
                                    ("release_proposed", "To be let go from control, if you agree"),
                                    ("released", "No longer under personal control"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("key", models.CharField(max_length=100)),
                        ("case_number", models.PositiveIntegerField()),
                        (
                            "due_at",
                            models.DateTimeField(
                                blank=True, help_text="by when something is wanted of them", null=True
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("seen_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "routed_at",
                            models.DateTimeField(
                                blank=True, help_text="its way outside the desk was decided", null=True
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
                                related_name="notices",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-id"],
                    },
                ),
                migrations.CreateModel(
                    name="LetterLine",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "letter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="notices.letter"
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
                            "notice",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="notices.notice",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Reach",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("quiet_from", models.TimeField(default=datetime.time(20, 0))),
                        ("quiet_to", models.TimeField(default=datetime.time(8, 0))),
                        ("telegram_chat", models.BigIntegerField(blank=True, null=True)),
                        (
                            "code_sha256",
                            models.CharField(
                                blank=True, help_text="of the code that links Telegram, once", max_length=64
                            ),
                        ),
                        ("code_expires_at", models.DateTimeField(blank=True, null=True)),
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
                        "verbose_name_plural": "reaches",
                    },
                ),
                migrations.CreateModel(
                    name="Carrier",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "way",
                            models.CharField(
                                choices=[("email", "E-mail"), ("telegram", "Telegram"), ("push", "On the phone")],
                                max_length=10,
                            ),
                        ),
                        ("is_on", models.BooleanField(default=False)),
                        (
                            "host",
                            models.CharField(
                                blank=True, help_text="of mail; of Telegram the base of its Bot API", max_length=200
                            ),
                        ),
                        ("port", models.PositiveIntegerField(default=587)),
                        (
                            "security",
                            models.CharField(
                                choices=[("starttls", "STARTTLS"), ("tls", "TLS"), ("none", "—")],
                                default="starttls",
                                max_length=10,
                            ),
                        ),
                        ("user", models.CharField(blank=True, max_length=200)),
                        ("sender", models.EmailField(blank=True, max_length=254)),
                        ("sealed_secret", models.BinaryField(default=bytes)),
                        ("bot_name", models.CharField(blank=True, max_length=64)),
                        ("offset", models.BigIntegerField(default=0, help_text="the next update of the bot to read")),
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
                        "constraints": [models.UniqueConstraint(fields=("municipality", "way"), name="carrier_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Choice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "matter",
                            models.CharField(
                                choices=[
                                    ("deadlines", "Deadlines and promises"),
                                    ("replies", "Residents' replies to our questions"),
                                    ("mentions", "Colleagues who call me"),
                                    ("control", "Personal control and reports"),
                                    ("appeals", "Formal appeals"),
                                    ("digest", "Morning digest"),
                                    ("weekly", "Weekly report"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("in_desk", models.BooleanField(default=True)),
                        ("by_email", models.BooleanField(default=False)),
                        ("by_telegram", models.BooleanField(default=False)),
                        ("by_push", models.BooleanField(default=False)),
                        (
                            "tempo",
                            models.CharField(
                                choices=[("now", "At once"), ("digest", "Gathered, once a day")],
                                default="now",
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
                        "constraints": [
                            models.UniqueConstraint(fields=("municipality", "official", "matter"), name="choice_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Device",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("endpoint", models.CharField(max_length=1000)),
                        ("endpoint_sha256", models.CharField(max_length=64)),
                        ("p256dh", models.CharField(max_length=100)),
                        ("auth", models.CharField(max_length=40)),
                        (
                            "name",
                            models.CharField(blank=True, help_text="what the browser calls itself", max_length=80),
                        ),
                        ("created_at", models.DateTimeField()),
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
                        "indexes": [models.Index(fields=["municipality", "official", "id"], name="device_of_official")],
                        "constraints": [
                            models.UniqueConstraint(fields=("municipality", "endpoint_sha256"), name="device_once")
                        ],
                    },
                ),
                migrations.AddIndex(
                    model_name="letter",
                    index=models.Index(condition=models.Q(("state", "queued")), fields=["due_at"], name="letter_due"),
                ),
                migrations.AddIndex(
                    model_name="letter",
                    index=models.Index(
                        condition=models.Q(("state", "sending")), fields=["claimed_by"], name="letter_on_its_way"
                    ),
                ),
                migrations.AddIndex(
                    model_name="letter",
                    index=models.Index(
                        condition=models.Q(("state__in", ["failed", "unknown"])),
                        fields=["municipality", "-id"],
                        name="letter_trouble",
                    ),
                ),
                migrations.AddIndex(
                    model_name="letter",
                    index=models.Index(fields=["municipality", "official", "-id"], name="letter_newest"),
                ),
                migrations.AddConstraint(
                    model_name="letter",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "official", "way", "key"), name="letter_once"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="letter",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("is_gathering", True)),
                        fields=("municipality", "official", "way", "tempo"),
                        name="letter_gathers_once",
                    ),
                ),
                migrations.AddIndex(
                    model_name="notice",
                    index=models.Index(fields=["municipality", "official", "-id"], name="notice_newest"),
                ),
                migrations.AddIndex(
                    model_name="notice",
                    index=models.Index(
                        condition=models.Q(("seen_at__isnull", True)), fields=["official"], name="notice_unseen"
                    ),
                ),
                migrations.AddIndex(
                    model_name="notice",
                    index=models.Index(
                        condition=models.Q(("routed_at__isnull", True)), fields=["id"], name="notice_unrouted"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="notice",
                    constraint=models.UniqueConstraint(fields=("municipality", "official", "key"), name="told_once"),
                ),
                migrations.AddConstraint(
                    model_name="letterline",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "letter", "notice"), name="letter_line_once"
                    ),
                ),
                migrations.AddIndex(
                    model_name="reach",
                    index=models.Index(
                        condition=models.Q(("code_sha256", ""), _negated=True),
                        fields=["municipality", "code_sha256"],
                        name="reach_by_code",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="reach",
                    constraint=models.UniqueConstraint(fields=("municipality", "official"), name="reach_once"),
                ),
            ]
        ),
    ]
