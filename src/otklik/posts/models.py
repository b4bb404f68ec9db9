"""What the head publishes: a post, its revisions, and where it appeared."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from otklik.channels.enums import Network
from otklik.channels.models import Channel, Outgoing
from otklik.media.models import StoredFile
from otklik.org.models import Official, TenantModel
from otklik.proof.models import Entry

LONGEST_ALT, LONGEST_WAIVER, LONGEST_CONSENT = 300, 200, 300


class Rubric(models.TextChoices):
    """What a post is about, as readers choose it."""

    TOWN = "town", _("Town life")
    PEOPLE = "people", _("People and successes")
    DECISIONS = "decisions", _("Decisions")
    PROJECTS = "projects", _("National projects and programmes")
    ENTERPRISES = "enterprises", _("Enterprises")
    ZONE = "zone", _("Residents of the zone")
    VACANCIES = "vacancies", _("Vacancies")
    HELP = "help", _("Help needed")
    THANKS = "thanks", _("Thanks")


class Post(TenantModel):
    """One publication of the head; its text is the newest revision's."""

    slug = models.SlugField(max_length=120)
    rubric = models.CharField(max_length=20, choices=Rubric.choices, default=Rubric.TOWN)
    title = models.CharField(max_length=200)
    text = models.TextField(help_text="Markdown")
    author = models.ForeignKey(Official, on_delete=models.PROTECT)
    form_key = models.UUIDField(null=True, blank=True, help_text="of the form it came from: sent twice, published once")
    published_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, help_text="the newest revision's number")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    comment_count = models.PositiveIntegerField(default=0)
    answer_count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "slug"], name="post_slug"),
            models.UniqueConstraint(fields=["municipality", "author", "form_key"], name="post_form_once"),
        ]
        indexes = [
            models.Index(
                fields=["municipality", "-published_at", "-id"], condition=Q(withdrawn_at=None), name="post_newest"
            )
        ]

    def __str__(self) -> str:
        return self.title


class Origin(TenantModel):
    """Where a post was before this city had Otklik: brought in from an account's own archive, long after its day.

    The day is what the archive says; nobody can prove it, so the signed statement says it too.
    """

    post = models.OneToOneField(Post, on_delete=models.CASCADE, related_name="origin")
    network = models.CharField(max_length=20)
    key = models.CharField(max_length=64, help_text="the same in every archive of the account")
    claimed_at = models.DateTimeField()
    imported_at = models.DateTimeField()
    likes = models.PositiveIntegerField(null=True, blank=True, help_text="as the archive counted on its day")
    comments = models.PositiveIntegerField(null=True, blank=True)
    views = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "network", "key"], name="origin_once")]
        indexes = [models.Index(fields=["municipality", "network", "claimed_at"], name="origin_of_moment")]

    @property
    def network_name(self) -> str:
        """What readers call the network."""
        return str(Network(self.network).label)


class Change(models.TextChoices):
    """What a revision did to its post."""

    PUBLISHED = "published", _("Published")
    CORRECTED = "corrected", _("Corrected")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Revision(TenantModel):
    """What a post said at a time; never changed, never removed. A withdrawal keeps the words and says why."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    text = models.TextField()
    author = models.ForeignKey(Official, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    change = models.CharField(max_length=10, choices=Change.choices, default=Change.PUBLISHED)
    reason = models.CharField(max_length=300, blank=True, help_text="why it was corrected or withdrawn, for everybody")
    entry = models.OneToOneField(
        Entry, null=True, blank=True, on_delete=models.PROTECT, help_text="the signed statement; null: before signing"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "post", "number"], name="revision_number")]


class RevisionPhoto(TenantModel):
    """A photo as a revision showed it, in its order; never changed. `file` is what everybody sees.

    Where it was cut out of a larger one, that one is kept too, and nobody but the desk sees it.
    """

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="photos", db_index=False)
    position = models.PositiveSmallIntegerField()
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    crop = models.JSONField(null=True, blank=True, help_text="left, top, right, bottom as shares of the source's sides")
    alt = models.CharField(max_length=LONGEST_ALT, blank=True, help_text="what it shows, in words")
    alt_waived = models.CharField(max_length=LONGEST_WAIVER, blank=True, help_text="why it needs no words")
    shows_children = models.BooleanField(default=False, help_text="somebody under age is recognisable")
    consent = models.CharField(
        max_length=LONGEST_CONSENT, blank=True, help_text="where the consent of their parents lies; not for everybody"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "revision", "position"], name="photo_position")]
        indexes = [models.Index(fields=["revision", "position"], name="photos_of_revision")]


class Variant(TenantModel):
    """How a revision speaks in one channel, where that differs: in words of its own, or whole in several messages.

    A derived statement: its words are signed with the revision's, and found by a quote like them.
    """

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="variants", db_index=False)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_index=False)
    text = models.TextField(blank=True, help_text="Markdown; empty: the revision's own headline and text")
    in_parts = models.BooleanField(default=False, help_text="what doesn't fit follows in further messages")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "revision", "channel"], name="variant_once")]
        indexes = [models.Index(fields=["revision"], name="variants_of_revision")]


class PostDraft(TenantModel):
    """What somebody is writing, kept as it is typed; nobody else sees it. `key` becomes the post's `form_key`."""

    key = models.UUIDField()
    author = models.ForeignKey(Official, on_delete=models.CASCADE, related_name="+", db_index=False)
    rubric = models.CharField(max_length=20, choices=Rubric.choices, default=Rubric.TOWN)
    title = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1, help_text="grows with its words: who has older ones is told")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "author", "key"], name="post_draft_once")]
        indexes = [models.Index(fields=["municipality", "author", "-updated_at"], name="post_drafts_newest")]


class DraftPhoto(TenantModel):
    """A photo of a draft. `file` is what readers will see, `source` what it was cut from; `part` names its upload."""

    draft = models.ForeignKey(PostDraft, on_delete=models.CASCADE, related_name="photos", db_index=False)
    part = models.CharField(max_length=40, help_text="sent twice, taken once")
    position = models.PositiveIntegerField()
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    crop = models.JSONField(null=True, blank=True)
    alt = models.CharField(max_length=LONGEST_ALT, blank=True)
    alt_waived = models.CharField(max_length=LONGEST_WAIVER, blank=True)
    shows_children = models.BooleanField(default=False)
    consent = models.CharField(max_length=LONGEST_CONSENT, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True, help_text="taken out; it can be brought back")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "draft", "part"], name="draft_photo_once")]
        indexes = [models.Index(fields=["draft", "position"], name="photos_of_post_draft")]

    @property
    def original(self) -> StoredFile:
        """The photo as it was taken in, before anything was cut off."""
        return self.source or self.file


class Passage(TenantModel):
    """A print of some words of a revision (`quoting.prints_of`): what a pasted quote is found by."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="passages")
    print = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["municipality", "print"], name="passage_print")]


class Publication(TenantModel):
    """A post on one channel: the row that sends it, and the network's id once it is there."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="publications")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE)
    outgoing = models.OneToOneField(Outgoing, null=True, blank=True, on_delete=models.SET_NULL)
    external_id = models.CharField(max_length=200, blank=True, db_default="")
    permalink = models.CharField(max_length=500, blank=True, db_default="")
    version = models.PositiveIntegerField(default=1, db_default=1, help_text="the revision whose words stand there")
    change = models.ForeignKey(
        Outgoing,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="the newest row that corrects it there or takes it away",
    )
    change_version = models.PositiveIntegerField(default=0, db_default=0, help_text="the revision that it brings")
    removed_at = models.DateTimeField(null=True, blank=True, help_text="since when it isn't there any more")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "post", "channel"], name="publication_once"),
            models.UniqueConstraint(
                fields=["municipality", "channel", "external_id"],
                condition=~Q(external_id=""),
                name="publication_external_id",
            ),
        ]
