"""All tables of this app at once; what was made step by step before stands for the same.

What search reads is an FTS5 table kept by triggers on SQLite, a generated column with a GIN index on PostgreSQL. A later
migration that makes channels_searchentry anew on SQLite drops the triggers with the old table: call `build` again.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from otklik.common.migrating import CreateTables


SQLITE = (
    "CREATE VIRTUAL TABLE channels_searchwords USING fts5(stems, scope, content='channels_searchentry',"
    " content_rowid='id', tokenize=\"unicode61 remove_diacritics 0 tokenchars '_'\", detail=none)",
    "CREATE TRIGGER channels_searchentry_added AFTER INSERT ON channels_searchentry BEGIN"
    " INSERT INTO channels_searchwords(rowid, stems, scope) VALUES (new.id, new.stems, new.scope); END",
    "CREATE TRIGGER channels_searchentry_removed AFTER DELETE ON channels_searchentry BEGIN"
    " INSERT INTO channels_searchwords(channels_searchwords, rowid, stems, scope)"
    " VALUES ('delete', old.id, old.stems, old.scope); END",
    "CREATE TRIGGER channels_searchentry_changed AFTER UPDATE OF stems, scope ON channels_searchentry BEGIN"
    " INSERT INTO channels_searchwords(channels_searchwords, rowid, stems, scope)"
    " VALUES ('delete', old.id, old.stems, old.scope);"
    " INSERT INTO channels_searchwords(rowid, stems, scope) VALUES (new.id, new.stems, new.scope); END",
)
POSTGRESQL = (
    # The words are cut and stemmed by us: no parser and no dictionary of the server's.
    "ALTER TABLE channels_searchentry ADD COLUMN vector tsvector GENERATED ALWAYS AS"
    " (array_to_tsvector(string_to_array(stems || ' ' || scope, ' '))) STORED",
    "CREATE INDEX channels_searchentry_vector ON channels_searchentry USING gin (vector)",
)


def build(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
            cursor.execute(statement)


def drop(apps, schema_editor):
    # PostgreSQL's column goes with its table.
    if schema_editor.connection.vendor != "postgresql":
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("DROP TABLE channels_searchwords")


class Migration(migrations.Migration):
    replaces = [
        ("channels", "0001_initial"),
        ("channels", "0002_conversation_index"),
        ("channels", "0003_thread_without_recency"),
        ("channels", "0004_fewer_indexes"),
        ("channels", "0005_words_to_search_by"),
        ("channels", "0006_count_hidden"),
        ("channels", "0007_message_files"),
        ("channels", "0008_plain_message_files"),
        ("channels", "0009_what_is_not_read_yet"),
        ("channels", "0010_photos_sent"),
    ]
    initial = True

    dependencies = [
        ("media", "0001_foundation"),
        ("org", "0001_foundation"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="Channel",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.SlugField(max_length=60)),
                        (
                            "network",
                            models.CharField(
                                choices=[("site", "City site"), ("telegram", "Telegram"), ("vk", "VK")], max_length=20
                            ),
                        ),
                        ("title", models.CharField(blank=True, max_length=200)),
                        ("hook_token", models.CharField(max_length=64, unique=True)),
                        ("settings", models.JSONField(default=dict)),
                        ("sealed_secrets", models.BinaryField(default=bytes)),
                        ("is_enabled", models.BooleanField(default=True)),
                        (
                            "revision",
                            models.PositiveIntegerField(
                                default=1, help_text="grows with every change; the gate reloads by it"
                            ),
                        ),
                        ("last_delivery_at", models.DateTimeField(blank=True, null=True)),
                        ("last_sent_at", models.DateTimeField(blank=True, null=True)),
                        ("last_error", models.TextField(blank=True)),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
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
                        "ordering": ["name"],
                    },
                ),
                migrations.CreateModel(
                    name="Delivery",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("dedup_key", models.CharField(max_length=200)),
                        ("body", models.BinaryField()),
                        ("headers", models.JSONField(default=dict)),
                        ("received_at", models.DateTimeField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("received", "Received"),
                                    ("parsed", "Understood"),
                                    ("partial", "Understood in part"),
                                    ("failed", "Not understood"),
                                ],
                                default="received",
                                max_length=10,
                            ),
                        ),
                        ("note", models.TextField(blank=True)),
                        ("parsed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "channel",
                            models.ForeignKey(
                                db_index=False, on_delete=django.db.models.deletion.CASCADE, to="channels.channel"
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
                        "verbose_name_plural": "deliveries",
                    },
                ),
                migrations.CreateModel(
                    name="Identity",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "network",
                            models.CharField(
                                choices=[("site", "City site"), ("telegram", "Telegram"), ("vk", "VK")], max_length=20
                            ),
                        ),
                        ("external_id", models.CharField(max_length=120)),
                        ("display_name", models.CharField(blank=True, max_length=200)),
                        ("handle", models.CharField(blank=True, max_length=120)),
                        ("url", models.CharField(blank=True, max_length=500)),
                        ("is_bot", models.BooleanField(default=False)),
                        ("first_seen_at", models.DateTimeField()),
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
                        "verbose_name_plural": "identities",
                    },
                ),
                migrations.CreateModel(
                    name="Message",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("object_key", models.CharField(max_length=240)),
                        ("external_id", models.CharField(max_length=120)),
                        ("external_version", models.BigIntegerField(default=0)),
                        ("parent_key", models.CharField(blank=True, max_length=240)),
                        ("root_key", models.CharField(max_length=240)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("comment", "Comment"),
                                    ("direct_message", "Direct message"),
                                    ("mention", "Mention"),
                                    ("review", "Review"),
                                    ("report", "Report"),
                                    ("post", "Post"),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "visibility",
                            models.CharField(choices=[("public", "Public"), ("private", "Private")], max_length=10),
                        ),
                        ("is_ours", models.BooleanField(default=False)),
                        ("is_automated", models.BooleanField(default=False)),
                        ("text", models.TextField(blank=True)),
                        ("attachments", models.JSONField(default=list)),
                        ("permalink", models.CharField(blank=True, max_length=500)),
                        ("occurred_at", models.DateTimeField()),
                        ("received_at", models.DateTimeField()),
                        ("edited_at", models.DateTimeField(blank=True, null=True)),
                        ("deleted_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "decision",
                            models.CharField(
                                choices=[
                                    ("pending", "Not looked at yet"),
                                    ("opened", "Opened a case"),
                                    ("joined", "Joined a case"),
                                    ("operator", "Waits for an operator"),
                                    ("no_answer", "Needs no answer"),
                                    ("spam", "Spam"),
                                    ("own", "Ours"),
                                ],
                                default="pending",
                                max_length=10,
                            ),
                        ),
                        ("decision_reason", models.CharField(blank=True, max_length=300)),
                        (
                            "speech",
                            models.CharField(
                                blank=True, help_text="triage's kind: request, question, thanks, …", max_length=12
                            ),
                        ),
                        ("topic_code", models.CharField(blank=True, max_length=60)),
                        ("urgency", models.PositiveSmallIntegerField(default=0)),
                        ("language", models.CharField(blank=True, max_length=5)),
                        (
                            "verdict",
                            models.JSONField(
                                default=dict, help_text="confidences, reasons, place and personal data spans"
                            ),
                        ),
                        (
                            "channel",
                            models.ForeignKey(
                                db_index=False, on_delete=django.db.models.deletion.CASCADE, to="channels.channel"
                            ),
                        ),
                        (
                            "delivery",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="messages",
                                to="channels.delivery",
                            ),
                        ),
                        (
                            "identity",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
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
                    name="MessageFile",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField()),
                        ("kind", models.CharField(max_length=20)),
                        ("source_ref", models.CharField(blank=True, max_length=500)),
                        ("url", models.CharField(blank=True, max_length=2000)),
                        ("filename", models.CharField(blank=True, max_length=200)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("due", "Being fetched"),
                                    ("kept", "With us"),
                                    ("left", "Only where it was written"),
                                    ("failed", "Could not be fetched"),
                                ],
                                default="due",
                                max_length=10,
                            ),
                        ),
                        ("trouble", models.CharField(blank=True, max_length=200)),
                        (
                            "alt",
                            models.CharField(
                                blank=True, help_text="what it shows, in words, by a person of the city", max_length=300
                            ),
                        ),
                        ("attempts", models.PositiveSmallIntegerField(default=0)),
                        ("due_at", models.DateTimeField()),
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
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="files",
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
                    name="MessageVersion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("external_version", models.BigIntegerField()),
                        ("text", models.TextField(blank=True)),
                        ("replaced_at", models.DateTimeField()),
                        (
                            "message",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="versions",
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
                    name="Outgoing",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("idempotency_key", models.CharField(max_length=120)),
                        ("kind", models.CharField(max_length=20)),
                        ("target", models.JSONField(default=dict)),
                        ("text", models.TextField()),
                        ("is_automated", models.BooleanField(default=False)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("queued", "Waiting"),
                                    ("sending", "Being sent"),
                                    ("sent", "Sent"),
                                    ("failed", "Not sent"),
                                    ("unknown", "Not certain"),
                                ],
                                default="queued",
                                max_length=10,
                            ),
                        ),
                        ("attempts", models.PositiveSmallIntegerField(default=0)),
                        ("due_at", models.DateTimeField()),
                        ("window_expires_at", models.DateTimeField(blank=True, null=True)),
                        ("claimed_by", models.CharField(blank=True, max_length=80)),
                        ("claimed_at", models.DateTimeField(blank=True, null=True)),
                        ("receipts", models.JSONField(default=list, help_text="one per part the network took")),
                        ("error", models.TextField(blank=True)),
                        ("created_at", models.DateTimeField()),
                        ("finished_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "channel",
                            models.ForeignKey(
                                db_index=False, on_delete=django.db.models.deletion.CASCADE, to="channels.channel"
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
                            "reply_to",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="channels.message",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="OutgoingFile",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField()),
                        ("alt", models.CharField(blank=True, max_length=300)),
                        (
                            "file",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="media.storedfile"
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
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="files",
                                to="channels.outgoing",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Resident",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("display_name", models.CharField(blank=True, max_length=200)),
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
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.AddField(
                    model_name="identity",
                    name="resident",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="identities", to="channels.resident"
                    ),
                ),
                migrations.CreateModel(
                    name="SearchEntry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("case_ref", models.BigIntegerField(blank=True, null=True)),
                        ("answer_ref", models.BigIntegerField(blank=True, null=True)),
                        ("scope", models.CharField(max_length=24)),
                        ("stems", models.TextField()),
                        (
                            "message",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="search_entry",
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
                        "verbose_name_plural": "search entries",
                    },
                ),
                migrations.CreateModel(
                    name="SecurityEvent",
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
                                choices=[("forged", "Forged signature"), ("oversized", "Too large")], max_length=20
                            ),
                        ),
                        ("hour", models.DateTimeField()),
                        ("count", models.PositiveIntegerField(default=0)),
                        (
                            "channel",
                            models.ForeignKey(
                                db_index=False, on_delete=django.db.models.deletion.CASCADE, to="channels.channel"
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
                    name="Thread",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.CharField(max_length=200)),
                        (
                            "visibility",
                            models.CharField(choices=[("public", "Public"), ("private", "Private")], max_length=10),
                        ),
                        ("post_external_id", models.CharField(blank=True, db_default="", max_length=200)),
                        ("permalink", models.CharField(blank=True, db_default="", max_length=500)),
                        (
                            "channel",
                            models.ForeignKey(
                                db_index=False, on_delete=django.db.models.deletion.CASCADE, to="channels.channel"
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
                migrations.AddField(
                    model_name="outgoing",
                    name="thread",
                    field=models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to="channels.thread"
                    ),
                ),
                migrations.AddField(
                    model_name="message",
                    name="thread",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="channels.thread",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="channel",
                    constraint=models.UniqueConstraint(fields=("municipality", "name"), name="channel_name"),
                ),
                migrations.AddIndex(
                    model_name="delivery",
                    index=models.Index(
                        condition=models.Q(("state", "received")), fields=["channel", "id"], name="delivery_due"
                    ),
                ),
                migrations.AddIndex(
                    model_name="delivery",
                    index=models.Index(
                        condition=models.Q(("state__in", ["failed", "partial"])),
                        fields=["municipality", "-id"],
                        name="delivery_trouble",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="delivery",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "channel", "dedup_key"), name="delivery_once"
                    ),
                ),
                migrations.AddIndex(
                    model_name="messagefile",
                    index=models.Index(fields=["message", "position"], name="files_of_message"),
                ),
                migrations.AddIndex(
                    model_name="messagefile",
                    index=models.Index(
                        condition=models.Q(("state", "due")), fields=["due_at", "id"], name="message_file_due"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="messagefile",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "message", "position"), name="message_file_once"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="messageversion",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "message", "external_version"), name="message_version"
                    ),
                ),
                migrations.AddIndex(
                    model_name="outgoingfile",
                    index=models.Index(fields=["outgoing", "position"], name="files_of_outgoing"),
                ),
                migrations.AddConstraint(
                    model_name="outgoingfile",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "outgoing", "position"), name="outgoing_file_once"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="identity",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "network", "external_id"), name="identity_once"
                    ),
                ),
                migrations.AddIndex(
                    model_name="searchentry",
                    index=models.Index(
                        condition=models.Q(("case_ref__isnull", False)), fields=["case_ref"], name="search_of_case"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="searchentry",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("answer_ref__isnull", False)),
                        fields=("municipality", "answer_ref"),
                        name="search_answer_once",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="securityevent",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "channel", "kind", "hour"), name="security_event_hour"
                    ),
                ),
                migrations.AddIndex(
                    model_name="thread",
                    index=models.Index(fields=["municipality", "channel", "post_external_id"], name="thread_of_post"),
                ),
                migrations.AddConstraint(
                    model_name="thread",
                    constraint=models.UniqueConstraint(fields=("municipality", "channel", "key"), name="thread_once"),
                ),
                migrations.AddIndex(
                    model_name="outgoing",
                    index=models.Index(
                        condition=models.Q(("state", "queued")), fields=["due_at", "id"], name="outgoing_due"
                    ),
                ),
                migrations.AddIndex(
                    model_name="outgoing",
                    index=models.Index(
                        condition=models.Q(("state__in", ["sending", "unknown"])),
                        fields=["id"],
                        name="outgoing_in_doubt",
                    ),
                ),
                migrations.AddIndex(
                    model_name="outgoing",
                    index=models.Index(
                        condition=models.Q(("state__in", ["failed", "unknown"])),
                        fields=["municipality", "-id"],
                        name="outgoing_trouble",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="outgoing",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "idempotency_key"), name="outgoing_once"
                    ),
                ),
                migrations.AddIndex(
                    model_name="message",
                    index=models.Index(fields=["thread", "occurred_at", "id"], name="message_in_thread"),
                ),
                migrations.AddIndex(
                    model_name="message",
                    index=models.Index(fields=["thread", "root_key"], name="message_conversation"),
                ),
                migrations.AddIndex(
                    model_name="message",
                    index=models.Index(fields=["municipality", "-id"], name="message_newest"),
                ),
                migrations.AddIndex(
                    model_name="message",
                    index=models.Index(
                        condition=models.Q(("decision", "operator")),
                        fields=["municipality", "-id"],
                        name="message_operator",
                    ),
                ),
                migrations.AddIndex(
                    model_name="message",
                    index=models.Index(condition=models.Q(("decision", "pending")), fields=["id"], name="message_due"),
                ),
                migrations.AddIndex(
                    model_name="message",
                    index=models.Index(
                        condition=models.Q(("decision", "joined"), ("speech", "")),
                        fields=["id"],
                        name="message_not_read",
                    ),
                ),
                migrations.AddIndex(
                    model_name="message",
                    index=models.Index(
                        condition=models.Q(("decision", "spam")),
                        fields=["municipality", "occurred_at"],
                        name="message_spam",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="message",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "channel", "object_key"), name="message_once"
                    ),
                ),
            ]
        ),
        migrations.RunPython(build, drop),
    ]
