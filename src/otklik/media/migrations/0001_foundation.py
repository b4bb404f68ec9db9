"""All tables of this app at once; what was made step by step before stands for the same."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from otklik.common.migrating import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("media", "0001_files"),
        ("media", "0002_blurred_placeholders"),
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
                    name="StoredFile",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.CharField(max_length=32)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("picture", "Photo"),
                                    ("video", "Video"),
                                    ("audio", "Recording"),
                                    ("document", "Document"),
                                ],
                                max_length=10,
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "Being checked"),
                                    ("ready", "Ready"),
                                    ("quarantined", "Holds a virus"),
                                    ("unreadable", "Can't be read"),
                                ],
                                default="waiting",
                                max_length=12,
                            ),
                        ),
                        (
                            "trouble",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", ""),
                                    (
                                        "scanner",
                                        "the virus scanner doesn't answer; the file waits and is looked at again by itself",
                                    ),
                                    ("broken", "the picture is broken"),
                                    ("too_many_pixels", "the picture has more points than we can open"),
                                    ("too_heavy", "the picture takes too long to open"),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "finding",
                            models.CharField(blank=True, help_text="what the virus scanner called it", max_length=200),
                        ),
                        ("filename", models.CharField(blank=True, max_length=200)),
                        ("mime", models.CharField(max_length=60)),
                        ("digest", models.CharField(help_text="SHA-256 of what came", max_length=64)),
                        ("size", models.PositiveIntegerField(help_text="bytes of what came")),
                        ("width", models.PositiveIntegerField(default=0)),
                        ("height", models.PositiveIntegerField(default=0)),
                        (
                            "blur",
                            models.CharField(
                                blank=True, help_text="a picture's few colours: a tiny WebP in Base64", max_length=800
                            ),
                        ),
                        (
                            "lat",
                            models.FloatField(
                                blank=True,
                                help_text="where the photo says it was taken: a suggestion, no more",
                                null=True,
                            ),
                        ),
                        ("lon", models.FloatField(blank=True, null=True)),
                        ("attempts", models.PositiveSmallIntegerField(default=0)),
                        ("due_at", models.DateTimeField()),
                        ("created_at", models.DateTimeField()),
                        ("ready_at", models.DateTimeField(blank=True, null=True)),
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
                            "uploaded_by",
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
                    name="Rendition",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "look",
                            models.CharField(
                                choices=[
                                    ("raw", "As it came"),
                                    ("whole", "Whole"),
                                    ("screen", "For a screen"),
                                    ("thumb", "Small"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("digest", models.CharField(max_length=64)),
                        ("mime", models.CharField(max_length=60)),
                        ("size", models.PositiveIntegerField()),
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
                            "file",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="renditions",
                                to="media.storedfile",
                            ),
                        ),
                    ],
                ),
                migrations.AddIndex(
                    model_name="storedfile",
                    index=models.Index(
                        condition=models.Q(("state", "waiting")), fields=["due_at", "id"], name="stored_file_due"
                    ),
                ),
                migrations.AddIndex(
                    model_name="storedfile",
                    index=models.Index(fields=["created_at"], name="stored_file_age"),
                ),
                migrations.AddConstraint(
                    model_name="storedfile",
                    constraint=models.UniqueConstraint(fields=("municipality", "key"), name="stored_file_key"),
                ),
                migrations.AddIndex(
                    model_name="rendition",
                    index=models.Index(fields=["file"], name="rendition_of_file"),
                ),
                migrations.AddIndex(
                    model_name="rendition",
                    index=models.Index(fields=["municipality", "digest"], name="rendition_by_digest"),
                ),
                migrations.AddConstraint(
                    model_name="rendition",
                    constraint=models.UniqueConstraint(fields=("municipality", "file", "look"), name="rendition_once"),
                ),
            ]
        ),
    ]
