"""What was public before there were cleared words goes off the public pages: nobody said which words of it may be read.

An operator shows each case again in the editor (desk, case, "Show on the public page").
"""

from django.db import migrations


def take_off(apps, schema_editor):
    apps.get_model("cases", "Case").objects.filter(is_public=True).update(is_public=False)


class Migration(migrations.Migration):
    dependencies = [("cases", "0013_what_everybody_sees")]

    operations = [migrations.RunPython(take_off, migrations.RunPython.noop)]
