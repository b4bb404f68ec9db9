"""All tables of this app at once; what was made step by step before stands for the same."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from otklik.common.migrating import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("org", "0001_initial"),
        ("org", "0002_grant_once"),
        ("org", "0003_outside_bodies"),
        ("org", "0004_absences"),
    ]
    initial = True

    dependencies = []

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="Municipality",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("slug", models.SlugField(unique=True)),
                        (
                            "host",
                            models.CharField(
                                blank=True, help_text="the public host name, where several cities share", max_length=200
                            ),
                        ),
                        ("name", models.CharField(max_length=200)),
                        ("name_en", models.CharField(blank=True, max_length=200)),
                        ("head_name", models.CharField(max_length=200)),
                        ("head_name_en", models.CharField(blank=True, max_length=200)),
                        ("head_title", models.CharField(max_length=200)),
                        ("head_title_en", models.CharField(blank=True, max_length=200)),
                        ("motto", models.CharField(blank=True, max_length=300)),
                        ("motto_en", models.CharField(blank=True, max_length=300)),
                        (
                            "accent",
                            models.CharField(default="#1f6f5c", help_text="colour of the theme, #rrggbb", max_length=7),
                        ),
                        ("language", models.CharField(default="ru", max_length=5)),
                        ("timezone", models.CharField(default="Europe/Moscow", max_length=50)),
                        (
                            "country",
                            models.CharField(default="RU", help_text="whose holidays the calendar takes", max_length=2),
                        ),
                        ("jurisdiction", models.CharField(default="ru", max_length=10)),
                        ("emergency_phone", models.CharField(default="112", max_length=20)),
                        ("appeals_url", models.URLField(blank=True, help_text="where a formal appeal is made")),
                        ("last_case_number", models.PositiveIntegerField(default=0)),
                        ("is_demo", models.BooleanField(default=False)),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        "verbose_name_plural": "municipalities",
                    },
                ),
                migrations.CreateModel(
                    name="Department",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.SlugField(max_length=40)),
                        ("name", models.CharField(max_length=200)),
                        ("name_en", models.CharField(blank=True, max_length=200)),
                        ("contacts", models.CharField(blank=True, max_length=300)),
                        ("is_active", models.BooleanField(default=True)),
                        (
                            "parent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="children",
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
                    options={
                        "ordering": ["name"],
                    },
                ),
                migrations.CreateModel(
                    name="Official",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("password", models.CharField(max_length=128, verbose_name="password")),
                        ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                        ("email", models.EmailField(max_length=254, unique=True)),
                        ("full_name", models.CharField(max_length=200)),
                        ("position", models.CharField(blank=True, max_length=200)),
                        ("language", models.CharField(default="ru", max_length=5)),
                        ("is_active", models.BooleanField(default=True)),
                        ("is_demo", models.BooleanField(default=False)),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        (
                            "department",
                            models.ForeignKey(
                                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="org.department"
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
                    name="Invitation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("email", models.EmailField(max_length=254)),
                        ("full_name", models.CharField(max_length=200)),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("operator", "Operator"),
                                    ("curator", "Curator"),
                                    ("executor", "Executor"),
                                    ("approver", "Approver"),
                                    ("editor", "Editor"),
                                    ("chief_editor", "Chief editor"),
                                    ("head", "Head of the city"),
                                    ("aide", "Head's aide"),
                                    ("privacy", "Privacy officer"),
                                    ("survey", "Survey manager"),
                                    ("analyst", "Analyst"),
                                    ("auditor", "Auditor"),
                                    ("admin", "Administrator"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("token_sha256", models.CharField(max_length=64, unique=True)),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("expires_at", models.DateTimeField()),
                        ("accepted_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "department",
                            models.ForeignKey(
                                blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to="org.department"
                            ),
                        ),
                        (
                            "invited_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
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
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="CalendarDay",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("date", models.DateField()),
                        (
                            "kind",
                            models.CharField(
                                choices=[("off", "Day off"), ("work", "Working day"), ("short", "Short day")],
                                max_length=5,
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=200)),
                        ("source", models.CharField(blank=True, max_length=200)),
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
                        "ordering": ["date"],
                    },
                ),
                migrations.CreateModel(
                    name="AuditEntry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField(auto_now_add=True)),
                        ("action", models.CharField(max_length=60)),
                        ("subject", models.CharField(max_length=200)),
                        ("detail", models.JSONField(default=dict)),
                        (
                            "actor",
                            models.ForeignKey(
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
                    name="Absence",
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
                                    ("leave", "on leave"),
                                    ("ill", "ill"),
                                    ("trip", "on a business trip"),
                                    ("other", "away"),
                                ],
                                default="leave",
                                max_length=10,
                            ),
                        ),
                        ("starts_at", models.DateTimeField()),
                        ("ends_at", models.DateTimeField(help_text="the first moment when they are back")),
                        ("created_at", models.DateTimeField()),
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
                            "official",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="absences",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "substitute",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
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
                    options={
                        "ordering": ["starts_at", "id"],
                    },
                ),
                migrations.CreateModel(
                    name="OutsideBody",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=200)),
                        ("name_en", models.CharField(blank=True, max_length=200)),
                        (
                            "answers_for",
                            models.CharField(help_text="what residents may turn to it about", max_length=300),
                        ),
                        ("answers_for_en", models.CharField(blank=True, max_length=300)),
                        ("phone", models.CharField(blank=True, max_length=60)),
                        ("site", models.URLField(blank=True)),
                        ("email", models.EmailField(blank=True, max_length=254)),
                        ("is_active", models.BooleanField(default=True)),
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
                        "verbose_name_plural": "outside bodies",
                        "ordering": ["name"],
                    },
                ),
                migrations.CreateModel(
                    name="Place",
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
                                choices=[("district", "District"), ("street", "Street"), ("landmark", "Landmark")],
                                max_length=10,
                            ),
                        ),
                        ("name", models.CharField(max_length=200)),
                        ("aliases", models.JSONField(blank=True, default=list)),
                        ("lat", models.FloatField(blank=True, null=True)),
                        ("lon", models.FloatField(blank=True, null=True)),
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
                                blank=True,
                                help_text="who answers for everything here",
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                to="org.department",
                            ),
                        ),
                        (
                            "parent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="children",
                                to="org.place",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["name"],
                    },
                ),
                migrations.CreateModel(
                    name="RoleGrant",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("operator", "Operator"),
                                    ("curator", "Curator"),
                                    ("executor", "Executor"),
                                    ("approver", "Approver"),
                                    ("editor", "Editor"),
                                    ("chief_editor", "Chief editor"),
                                    ("head", "Head of the city"),
                                    ("aide", "Head's aide"),
                                    ("privacy", "Privacy officer"),
                                    ("survey", "Survey manager"),
                                    ("analyst", "Analyst"),
                                    ("auditor", "Auditor"),
                                    ("admin", "Administrator"),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "department",
                            models.ForeignKey(
                                blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to="org.department"
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
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="grants",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="ServiceLevel",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.SlugField(max_length=40)),
                        ("title", models.CharField(max_length=200)),
                        ("title_en", models.CharField(blank=True, max_length=200)),
                        (
                            "clock",
                            models.CharField(
                                choices=[
                                    ("working", "Working hours"),
                                    ("around", "Around the clock"),
                                    ("calendar", "Calendar days"),
                                ],
                                default="working",
                                max_length=10,
                            ),
                        ),
                        ("acknowledge_minutes", models.PositiveIntegerField()),
                        ("answer_minutes", models.PositiveIntegerField()),
                        (
                            "interim_solve_days",
                            models.PositiveIntegerField(
                                default=7, help_text="working days to solve it after an interim answer"
                            ),
                        ),
                        (
                            "solve_days",
                            models.PositiveIntegerField(
                                blank=True, help_text="working days; empty: as promised", null=True
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
                ),
                migrations.CreateModel(
                    name="Topic",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.CharField(max_length=60)),
                        ("title", models.CharField(max_length=200)),
                        ("title_en", models.CharField(blank=True, max_length=200)),
                        ("includes", models.TextField(blank=True)),
                        ("includes_en", models.TextField(blank=True)),
                        ("excludes", models.TextField(blank=True)),
                        ("excludes_en", models.TextField(blank=True)),
                        ("external_code", models.CharField(blank=True, max_length=60)),
                        ("version", models.PositiveIntegerField(default=1)),
                        ("valid_from", models.DateField(blank=True, null=True)),
                        ("valid_to", models.DateField(blank=True, null=True)),
                        (
                            "department",
                            models.ForeignKey(
                                blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to="org.department"
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
                            "parent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="children",
                                to="org.topic",
                            ),
                        ),
                        (
                            "service_level",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="org.servicelevel",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["code"],
                    },
                ),
                migrations.CreateModel(
                    name="TopicRoute",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "department",
                            models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="org.department"),
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
                        ("place", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="org.place")),
                        ("topic", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="org.topic")),
                    ],
                ),
                migrations.CreateModel(
                    name="WorkingHours",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("weekday", models.PositiveSmallIntegerField(help_text="0 is Monday")),
                        ("starts", models.TimeField()),
                        ("ends", models.TimeField()),
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
                        "ordering": ["weekday", "starts"],
                    },
                ),
                migrations.CreateModel(
                    name="LiveChange",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField(db_index=True)),
                        ("kind", models.CharField(max_length=20)),
                        ("refs", models.JSONField(default=list)),
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
                        "verbose_name": "live change",
                        "indexes": [models.Index(fields=["municipality", "id"], name="live_newest")],
                    },
                ),
                migrations.AddConstraint(
                    model_name="department",
                    constraint=models.UniqueConstraint(fields=("municipality", "code"), name="department_code"),
                ),
                migrations.AddConstraint(
                    model_name="calendarday",
                    constraint=models.UniqueConstraint(fields=("municipality", "date"), name="calendar_day"),
                ),
                migrations.AddIndex(
                    model_name="auditentry",
                    index=models.Index(fields=["municipality", "-id"], name="audit_newest"),
                ),
                migrations.AddIndex(
                    model_name="absence",
                    index=models.Index(fields=["municipality", "official", "ends_at"], name="absence_of"),
                ),
                migrations.AddIndex(
                    model_name="absence",
                    index=models.Index(fields=["municipality", "substitute", "ends_at"], name="absence_stood_in"),
                ),
                migrations.AddConstraint(
                    model_name="absence",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("ends_at__gte", models.F("starts_at"))), name="absence_forward"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="absence",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("official", models.F("substitute")), _negated=True), name="absence_of_two"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="outsidebody",
                    constraint=models.UniqueConstraint(fields=("municipality", "name"), name="outside_body_name"),
                ),
                migrations.AddConstraint(
                    model_name="outsidebody",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("phone", ""), _negated=True),
                            models.Q(("site", ""), _negated=True),
                            models.Q(("email", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="outside_body_can_be_reached",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="place",
                    constraint=models.UniqueConstraint(fields=("municipality", "kind", "name"), name="place_name"),
                ),
                migrations.AddConstraint(
                    model_name="rolegrant",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "official", "role", "department"), name="grant_once"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="rolegrant",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("department", None)),
                        fields=("municipality", "official", "role"),
                        name="grant_once_citywide",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="servicelevel",
                    constraint=models.UniqueConstraint(fields=("municipality", "code"), name="service_level_code"),
                ),
                migrations.AddConstraint(
                    model_name="topic",
                    constraint=models.UniqueConstraint(fields=("municipality", "code"), name="topic_code"),
                ),
                migrations.AddConstraint(
                    model_name="topicroute",
                    constraint=models.UniqueConstraint(fields=("municipality", "topic", "place"), name="topic_route"),
                ),
                migrations.AddConstraint(
                    model_name="workinghours",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "weekday", "starts"), name="working_hours"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="workinghours",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("ends__gt", models.F("starts"))), name="working_hours_forward"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="workinghours",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("weekday__lte", 6)), name="working_hours_weekday"
                    ),
                ),
            ]
        ),
    ]
