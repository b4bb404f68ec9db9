"""Letters about cases to whoever asked for them, and an optional account that gathers a resident's own cases.

An address is sealed (common.vault) and found by a keyed digest; it goes with the subscription or the account.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from otklik.cases.models import Case
from otklik.channels.models import Identity, Resident
from otklik.org.models import TenantModel
from otklik.residents.enums import MailKind, MailState, Proof
from otklik.residents.links import IdentityLink, LinkQuestion  # noqa: F401 - Django finds models through this module


class Subscription(TenantModel):
    """That somebody wants letters about a case. Nothing but the question goes out before `confirmed_at`."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+", help_text="that was asked about")
    watched = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+", help_text="that answers for it now")
    is_own = models.BooleanField(help_text="asked for on the private page: the letter leads there")
    address_digest = models.CharField(max_length=64)
    sealed = models.BinaryField(help_text="the address, and the token of the letters' links")
    token_digest = models.CharField(max_length=64)
    language = models.CharField(max_length=5)
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    seen_updated_at = models.DateTimeField(
        null=True, blank=True, help_text="`updated_at` of the watched case as last looked at"
    )
    case_seen_at = models.DateTimeField(null=True, blank=True, help_text="the same of the case that was asked about")
    told = models.CharField(max_length=120, blank=True, help_text="where the case stood that was told last")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "case", "address_digest", "is_own"], name="subscribed_once"
            ),
            models.UniqueConstraint(fields=["municipality", "token_digest"], name="subscription_token"),
        ]
        indexes = [
            models.Index(fields=["asked_at"], condition=Q(confirmed_at=None), name="subscription_unconfirmed"),
            models.Index(fields=["watched"], condition=Q(confirmed_at__isnull=False), name="subscription_watches"),
            models.Index(fields=["municipality", "address_digest"], name="subscription_of_address"),
        ]


class ResidentMail(TenantModel):
    """One letter to a resident, with its state. What is sealed (address, code) goes as soon as it is not needed."""

    subscription = models.ForeignKey(
        Subscription, null=True, blank=True, on_delete=models.CASCADE, related_name="mail", db_index=False
    )
    kind = models.CharField(max_length=10, choices=MailKind.choices)
    address_digest = models.CharField(max_length=64)
    sealed = models.BinaryField(default=bytes)
    language = models.CharField(max_length=5)
    state = models.CharField(max_length=10, choices=MailState.choices, default=MailState.QUEUED)
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True, help_text="of no use to anybody later")
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_by = models.CharField(max_length=100, blank=True)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "subscription", "kind"],
                condition=Q(state="queued", subscription__isnull=False),
                name="mail_gathers_once",
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="queued"), name="resident_mail_due"),
            models.Index(fields=["claimed_by"], condition=Q(state="sending"), name="resident_mail_on_its_way"),
            models.Index(fields=["municipality", "address_digest", "-id"], name="resident_mail_to"),
            models.Index(fields=["finished_at"], name="resident_mail_finished"),
        ]


class Account(TenantModel):
    """A resident's own, optional account. It is no official's: it opens nothing but one's own cases."""

    resident = models.OneToOneField(Resident, on_delete=models.CASCADE, related_name="account")
    address_digest = models.CharField(max_length=64)
    sealed_address = models.BinaryField()
    visitor = models.CharField(max_length=40, help_text="under this name the site's messages of the account come in")
    language = models.CharField(max_length=5)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "address_digest"], name="account_of_address"),
        ]


class AccountSession(TenantModel):
    """One browser in which somebody is signed in; the cookie's token is kept as a digest only."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="sessions")
    token_digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "token_digest"], name="session_token")]
        indexes = [models.Index(fields=["expires_at"], name="account_session_expires")]


class SignInCode(TenantModel):
    """A code on its way by e-mail, good in the browser that asked for it, once and for minutes."""

    browser_digest = models.CharField(max_length=64)
    address_digest = models.CharField(max_length=64)
    sealed_address = models.BinaryField()
    code_digest = models.CharField(max_length=64)
    tries = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "browser_digest"], name="code_of_browser")]
        indexes = [
            models.Index(fields=["municipality", "address_digest", "asked_at"], name="codes_of_address"),
            models.Index(fields=["expires_at"], name="sign_in_code_expires"),
        ]


class DeedCount(TenantModel):
    """How often somebody did one sort of thing (wrote, tried a code) since their first within a window.

    In the database, so that a limit is one for all processes that answer people, and outlives them.
    """

    who_digest = models.CharField(max_length=64, help_text="of the sort of deed and of whose it is")
    amount = models.PositiveIntegerField(default=1)
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "who_digest"], name="deeds_counted_once")]
        indexes = [models.Index(fields=["ends_at"], name="deed_count_ends")]


class Passkey(TenantModel):
    """A passkey of an account: what proves it is public, so nothing of it has to be sealed."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="passkeys")
    credential_digest = models.CharField(max_length=64)
    credential = models.BinaryField(help_text="its id and public key, as WebAuthn attests them")
    sign_count = models.BigIntegerField(default=0)
    name = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "credential_digest"], name="passkey_once")]


class PasskeyQuestion(TenantModel):
    """What a browser was asked to prove; taken away by the first answer."""

    browser_digest = models.CharField(max_length=64)
    state = models.JSONField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "browser_digest"], name="passkey_question_once")]
        indexes = [models.Index(fields=["expires_at"], name="passkey_question_expires")]


class LinkWord(TenantModel):
    """A one-time word: whoever sends it from an account in a network shows that the account is theirs."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="link_word")
    digest = models.CharField(max_length=64)
    sealed = models.BinaryField(help_text="the word itself, for the page that shows it")
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "digest"], name="link_word_once")]


class Tie(TenantModel):
    """That an account in a network, or a case, is a person's own, and by what proof. Untied, the row stays."""

    resident = models.ForeignKey(Resident, on_delete=models.CASCADE, related_name="ties")
    identity = models.ForeignKey(Identity, null=True, blank=True, on_delete=models.CASCADE, related_name="ties")
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    proof = models.CharField(max_length=10, choices=Proof.choices)
    resident_before = models.ForeignKey(
        Resident, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    tied_at = models.DateTimeField()
    untied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "identity"],
                condition=Q(untied_at=None, identity__isnull=False),
                name="identity_tied_once",
            ),
            models.UniqueConstraint(
                fields=["municipality", "resident", "case"],
                condition=Q(untied_at=None, case__isnull=False),
                name="case_tied_once",
            ),
            models.CheckConstraint(
                condition=Q(identity__isnull=True, case__isnull=False) | Q(identity__isnull=False, case__isnull=True),
                name="tie_of_one_thing",
            ),
        ]
