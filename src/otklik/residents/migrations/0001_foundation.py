"""All tables of this app at once; what was made step by step before stands for the same."""

import django.db.models.deletion
from django.db import migrations, models

from otklik.common.migrating import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("residents", "0001_residents"),
        ("residents", "0002_passkeys"),
        ("residents", "0003_tie_by_proof_alone"),
    ]
    initial = True

    dependencies = [
        ("cases", "0001_foundation"),
        ("channels", "0001_foundation"),
        ("org", "0001_foundation"),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="Account",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("address_digest", models.CharField(max_length=64)),
                        ("sealed_address", models.BinaryField()),
                        (
                            "visitor",
                            models.CharField(
                                help_text="under this name the site's messages of the account come in", max_length=40
                            ),
                        ),
                        ("language", models.CharField(max_length=5)),
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
                            "resident",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="account",
                                to="channels.resident",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="AccountSession",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("token_digest", models.CharField(max_length=64)),
                        ("created_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="sessions",
                                to="residents.account",
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
                    name="LinkWord",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("digest", models.CharField(max_length=64)),
                        ("sealed", models.BinaryField(help_text="the word itself, for the page that shows it")),
                        ("expires_at", models.DateTimeField()),
                        (
                            "account",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="link_word",
                                to="residents.account",
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
                    name="Passkey",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("credential_digest", models.CharField(max_length=64)),
                        ("credential", models.BinaryField(help_text="its id and public key, as WebAuthn attests them")),
                        ("sign_count", models.BigIntegerField(default=0)),
                        ("name", models.CharField(max_length=60)),
                        ("created_at", models.DateTimeField()),
                        ("used_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="passkeys",
                                to="residents.account",
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
                    name="PasskeyQuestion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("browser_digest", models.CharField(max_length=64)),
                        ("state", models.JSONField()),
                        ("expires_at", models.DateTimeField()),
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
                    name="SignInCode",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("browser_digest", models.CharField(max_length=64)),
                        ("address_digest", models.CharField(max_length=64)),
                        ("sealed_address", models.BinaryField()),
                        ("code_digest", models.CharField(max_length=64)),
                        ("tries", models.PositiveSmallIntegerField(default=0)),
                        ("asked_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        ("used_at", models.DateTimeField(blank=True, null=True)),
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
                    name="Subscription",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "is_own",
                            models.BooleanField(help_text="asked for on the private page: the letter leads there"),
                        ),
                        ("address_digest", models.CharField(max_length=64)),
                        ("sealed", models.BinaryField(help_text="the address, and the token of the letters' links")),
                        ("token_digest", models.CharField(max_length=64)),
                        ("language", models.CharField(max_length=5)),
                        ("asked_at", models.DateTimeField()),
                        ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "seen_updated_at",
                            models.DateTimeField(
                                blank=True, help_text="`updated_at` of the watched case as last looked at", null=True
                            ),
                        ),
                        (
                            "case_seen_at",
                            models.DateTimeField(
                                blank=True, help_text="the same of the case that was asked about", null=True
                            ),
                        ),
                        (
                            "told",
                            models.CharField(
                                blank=True, help_text="where the case stood that was told last", max_length=120
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                help_text="that was asked about",
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
                        (
                            "watched",
                            models.ForeignKey(
                                help_text="that answers for it now",
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="cases.case",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="ResidentMail",
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
                                    ("confirm", "Asks whether letters are wanted"),
                                    ("word", "Says that a case has moved"),
                                    ("code", "Brings a code to sign in"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("address_digest", models.CharField(max_length=64)),
                        ("sealed", models.BinaryField(default=bytes)),
                        ("language", models.CharField(max_length=5)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("queued", "Waiting"),
                                    ("sending", "Being sent"),
                                    ("sent", "Sent"),
                                    ("failed", "Not sent"),
                                    ("unknown", "Not certain"),
                                    ("dropped", "Not needed any more"),
                                ],
                                default="queued",
                                max_length=10,
                            ),
                        ),
                        ("due_at", models.DateTimeField()),
                        (
                            "expires_at",
                            models.DateTimeField(blank=True, help_text="of no use to anybody later", null=True),
                        ),
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
                            "subscription",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="mail",
                                to="residents.subscription",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Tie",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "proof",
                            models.CharField(
                                choices=[
                                    ("code", "The case's code was entered"),
                                    ("word", "A one-time word came from that account"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("tied_at", models.DateTimeField()),
                        ("untied_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "case",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="cases.case",
                            ),
                        ),
                        (
                            "identity",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="ties",
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
                            "resident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="ties", to="channels.resident"
                            ),
                        ),
                        (
                            "resident_before",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="channels.resident",
                            ),
                        ),
                    ],
                ),
                migrations.AddConstraint(
                    model_name="account",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "address_digest"), name="account_of_address"
                    ),
                ),
                migrations.AddIndex(
                    model_name="accountsession",
                    index=models.Index(fields=["expires_at"], name="account_session_expires"),
                ),
                migrations.AddConstraint(
                    model_name="accountsession",
                    constraint=models.UniqueConstraint(fields=("municipality", "token_digest"), name="session_token"),
                ),
                migrations.AddConstraint(
                    model_name="linkword",
                    constraint=models.UniqueConstraint(fields=("municipality", "digest"), name="link_word_once"),
                ),
                migrations.AddConstraint(
                    model_name="passkey",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "credential_digest"), name="passkey_once"
                    ),
                ),
                migrations.AddIndex(
                    model_name="passkeyquestion",
                    index=models.Index(fields=["expires_at"], name="passkey_question_expires"),
                ),
                migrations.AddConstraint(
                    model_name="passkeyquestion",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "browser_digest"), name="passkey_question_once"
                    ),
                ),
                migrations.AddIndex(
                    model_name="signincode",
                    index=models.Index(fields=["municipality", "address_digest", "asked_at"], name="codes_of_address"),
                ),
                migrations.AddIndex(
                    model_name="signincode",
                    index=models.Index(fields=["expires_at"], name="sign_in_code_expires"),
                ),
                migrations.AddConstraint(
                    model_name="signincode",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "browser_digest"), name="code_of_browser"
                    ),
                ),
                migrations.AddIndex(
                    model_name="subscription",
                    index=models.Index(
                        condition=models.Q(("confirmed_at", None)), fields=["asked_at"], name="subscription_unconfirmed"
                    ),
                ),
                migrations.AddIndex(
                    model_name="subscription",
                    index=models.Index(
                        condition=models.Q(("confirmed_at__isnull", False)),
                        fields=["watched"],
                        name="subscription_watches",
                    ),
                ),
                migrations.AddIndex(
                    model_name="subscription",
                    index=models.Index(fields=["municipality", "address_digest"], name="subscription_of_address"),
                ),
                migrations.AddConstraint(
                    model_name="subscription",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "case", "address_digest", "is_own"), name="subscribed_once"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="subscription",
                    constraint=models.UniqueConstraint(
                        fields=("municipality", "token_digest"), name="subscription_token"
                    ),
                ),
                migrations.AddIndex(
                    model_name="residentmail",
                    index=models.Index(
                        condition=models.Q(("state", "queued")), fields=["due_at"], name="resident_mail_due"
                    ),
                ),
                migrations.AddIndex(
                    model_name="residentmail",
                    index=models.Index(
                        condition=models.Q(("state", "sending")), fields=["claimed_by"], name="resident_mail_on_its_way"
                    ),
                ),
                migrations.AddIndex(
                    model_name="residentmail",
                    index=models.Index(fields=["municipality", "address_digest", "-id"], name="resident_mail_to"),
                ),
                migrations.AddIndex(
                    model_name="residentmail",
                    index=models.Index(fields=["finished_at"], name="resident_mail_finished"),
                ),
                migrations.AddConstraint(
                    model_name="residentmail",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("state", "queued"), ("subscription__isnull", False)),
                        fields=("municipality", "subscription", "kind"),
                        name="mail_gathers_once",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="tie",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("identity__isnull", False), ("untied_at", None)),
                        fields=("municipality", "identity"),
                        name="identity_tied_once",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="tie",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("case__isnull", False), ("untied_at", None)),
                        fields=("municipality", "resident", "case"),
                        name="case_tied_once",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="tie",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("case__isnull", False), ("identity__isnull", True)),
                            models.Q(("case__isnull", True), ("identity__isnull", False)),
                            _connector="OR",
                        ),
                        name="tie_of_one_thing",
                    ),
                ),
            ]
        ),
    ]
