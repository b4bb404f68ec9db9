from django.conf import settings
from django.db import migrations, models

_TRIGGERS = ("cases_case_tally_added", "cases_case_tally_changed")


def drop_triggers(apps, schema_editor):
    """The kept counts get a column more: the triggers are made anew, and all counted, after every `migrate`."""
    where = " ON cases_case" if schema_editor.connection.vendor == "postgresql" else ""
    for name in _TRIGGERS:
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{where}")


def note_waiting(apps, schema_editor):
    """Corrections that wait already belong to the list too."""
    Correction = apps.get_model("cases", "Correction")
    waits = Correction.objects.filter(state="submitted").values("answer__case")
    apps.get_model("cases", "Case").objects.filter(pk__in=waits).update(correction_waits=True)


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0004_macros"),
        ("channels", "0002_edits_in_place"),
        ("org", "0001_foundation"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(drop_triggers, migrations.RunPython.noop),
        migrations.AddField(
            model_name="case",
            name="correction_waits",
            field=models.BooleanField(default=False, help_text="other words for a sent answer wait for approval"),
        ),
        migrations.AddField(
            model_name="casetally",
            name="to_approve",
            field=models.BooleanField(db_default=False),
        ),
        migrations.AddField(
            model_name="case",
            name="to_approve",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.ExpressionWrapper(
                    models.Q(("status", "approval"), ("correction_waits", True), _connector="OR"),
                    output_field=models.BooleanField(),
                ),
                help_text="something of it waits for a signature: an answer, or other words for a sent one",
                output_field=models.BooleanField(),
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("to_approve", True)),
                fields=["municipality", "-id", "department", "topic", "channel"],
                name="case_to_approve",
            ),
        ),
        migrations.RunPython(note_waiting, drop_triggers),
    ]
