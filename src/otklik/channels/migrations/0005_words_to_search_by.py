"""What search reads: an FTS5 table kept by triggers on SQLite, a generated column with a GIN index on PostgreSQL.

A later migration that makes channels_searchentry anew on SQLite drops the triggers with the old table: call `build` again.
"""

import django.db.models.deletion
from django.db import migrations, models


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
    dependencies = [
        ("channels", "0004_fewer_indexes"),
        ("org", "0002_grant_once"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                "indexes": [
                    models.Index(
                        condition=models.Q(("case_ref__isnull", False)), fields=["case_ref"], name="search_of_case"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("answer_ref__isnull", False)),
                        fields=("municipality", "answer_ref"),
                        name="search_answer_once",
                    )
                ],
            },
        ),
        migrations.RunPython(build, drop),
    ]
