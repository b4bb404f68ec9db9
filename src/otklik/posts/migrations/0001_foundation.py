"""All tables of this app at once; what was made step by step before stands for the same."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from otklik.common.migrating import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("posts", "0001_initial"),
        ("posts", "0002_post_form_key"),
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
                    name="Post",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("slug", models.SlugField(max_length=120)),
                        (
                            "rubric",
                            models.CharField(
                                choices=[
                                    ("town", "Town life"),
                                    ("people", "People and successes"),
                                    ("decisions", "Decisions"),
                                    ("projects", "National projects"),
                                    ("enterprises", "Enterprises"),
                                    ("vacancies", "Vacancies"),
                                    ("help", "Help needed"),
                                    ("thanks", "Thanks"),
                                ],
                                default="town",
                                max_length=20,
                            ),
                        ),
                        ("title", models.CharField(max_length=200)),
                        ("text", models.TextField(help_text="Markdown")),
                        (
                            "form_key",
                            models.UUIDField(
                                blank=True, help_text="of the form it came from: sent twice, published once", null=True
                            ),
                        ),
                        ("published_at", models.DateTimeField()),
                        ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                        ("comment_count", models.PositiveIntegerField(default=0)),
                        ("answer_count", models.PositiveIntegerField(default=0)),
                        (
                            "author",
                            models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL),
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
                    name="Publication",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("external_id", models.CharField(blank=True, db_default="", max_length=200)),
                        ("permalink", models.CharField(blank=True, db_default="", max_length=500)),
                        (
                            "channel",
                            models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="channels.channel"),
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
                            "post",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="publications",
                                to="posts.post",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Revision",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        ("title", models.CharField(max_length=200)),
                        ("text", models.TextField()),
                        ("created_at", models.DateTimeField()),
                        (
                            "author",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
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
                            "post",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="revisions", to="posts.post"
                            ),
                        ),
                    ],
                ),
                migrations.AddIndex(
                    model_name="post",
                    index=models.Index(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=["municipality", "-published_at", "-id"],
                        name="post_newest",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="post",
                    constraint=models.UniqueConstraint(fields=("municipality", "slug"), name="post_slug"),
                ),
                migrations.AddConstraint(
                    model_name="post",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "author", "form_key"), name="post_form_once"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="publication",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "post", "channel"), name="publication_once"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="publication",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("external_id", ""), _negated=True),
                        fields=("municipality", "channel", "external_id"),
                        name="publication_external_id",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="revision",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "post", "number"), name="revision_number"
                    ),
                ),
            ]
        ),
    ]
