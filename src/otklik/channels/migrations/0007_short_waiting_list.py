"""What search reads waits in a list before it is in its index; a long list made PostgreSQL read the whole table instead.

After a large import a misspelt word took half a second; a list of 256 kB costs a message 0.02 ms more.
"""

from django.db import migrations


def shorten(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER INDEX channels_searchentry_vector SET (gin_pending_list_limit = 256)")
        schema_editor.execute("SELECT gin_clean_pending_list('channels_searchentry_vector')")


def lengthen(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER INDEX channels_searchentry_vector RESET (gin_pending_list_limit)")


class Migration(migrations.Migration):
    dependencies = [("channels", "0006_letters")]

    operations = [migrations.RunPython(shorten, lengthen)]
