"""Posts: what was published and where it appeared, and a form that publishes one after a look at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from otklik.channels.enums import Network
from otklik.common import clock
from otklik.desk.doors import DeskRequest, door, go_to
from otklik.desk.drafts import keep_typed, pictures_of, tray_of
from otklik.desk.postpreview import chosen_in, looks_of, rows_of
from otklik.desk.rail import WRITES
from otklik.org.access import Permission
from otklik.org.errors import NotPossible
from otklik.posts.drafts import draft_by_key, drafts_of
from otklik.posts.models import Post, PostDraft, Publication, Rubric
from otklik.posts.prose import as_html
from otklik.posts.queries import Point, feed_page, kept_from, not_gone_yet, outlets, with_places
from otklik.posts.services.drafting import DraftOvertaken, publish_draft
from otklik.posts.services.publishing import Words
from otklik.proof.signatures import NoKey

_DRAFTS = 10
"""Of one's own, shown above the posts."""


class PostWords(forms.Form):
    """What a post says."""

    rubric = forms.ChoiceField(label=gettext_lazy("Rubric"), choices=Rubric.choices, initial=Rubric.TOWN)
    title = forms.CharField(
        label=gettext_lazy("Headline"),
        max_length=200,
        error_messages={
            "required": gettext_lazy("A post needs a headline: what it is about, in one line."),
            "max_length": gettext_lazy("The headline is too long: keep it within %(limit_value)d characters."),
        },
    )
    text = forms.CharField(
        label=gettext_lazy("Text"),
        help_text=gettext_lazy("An empty line begins a paragraph, **two stars** make bold, “- ” begins a list."),
        max_length=15000,
        widget=forms.Textarea(attrs={"rows": 12}),
        error_messages={
            "required": gettext_lazy("The post is empty: write what you want to tell people."),
            "max_length": gettext_lazy("The text is too long: keep it within %(limit_value)d characters."),
        },
    )

    def clean_title(self) -> str:
        """Return the title in one line."""
        return " ".join(str(self.cleaned_data["title"]).split())

    @property
    def words(self) -> Words:
        """What a whole form says."""
        said = self.cleaned_data
        return Words(title=said["title"], text=said["text"], rubric=Rubric(said["rubric"]))


class PostForm(PostWords):
    """A post being written. The key is the form's own: sent twice, it publishes once."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    form_key = forms.UUIDField(widget=forms.HiddenInput)

    @property
    def key(self) -> UUID:
        """The key for the next sending: the form's own, or a new one if it came without."""
        own = self.cleaned_data.get("form_key") if self.is_bound else self.initial.get("form_key")
        return own if isinstance(own, UUID) else uuid4()


@door(*WRITES)
@require_safe
def listing(request: DeskRequest) -> HttpResponse:
    """The city's posts, newest first, and where each appeared. The query count doesn't depend on how many there are."""
    access = request.access
    after = Point.read(request.GET.get("after", ""))
    posts, following = feed_page(access.municipality_id, after)
    here = reverse("desk:posts")
    context = {
        "rows": [(post, _in_networks(post)) for post in with_places(posts)],
        "not_gone": [(post, _still_there(post)) for post in with_places(not_gone_yet(access.municipality_id))],
        "first_url": here if after is not None else "",
        "next_url": f"{here}?{urlencode({'after': str(following)})}" if following is not None else "",
        "drafts": drafts_of(access)[:_DRAFTS] if access.allows(Permission.POST_PUBLISH) else [],
        "may_publish": access.allows(Permission.POST_PUBLISH),
        "may_resolve": access.allows(Permission.TROUBLE_RESOLVE),
        "city": access.official.municipality,
    }
    return render(request, "desk/posts/list.html", context)


def _in_networks(post: Post) -> Sequence[Publication]:
    """Return a post's places beside the site, where it always is."""
    return [row for row in post.publications.all() if row.channel.network != Network.SITE]


def _still_there(post: Post) -> Sequence[Publication]:
    """Return the places from which a post that was taken back hasn't gone, as far as we know."""
    return [row for row in _in_networks(post) if row.removed_at is None]


@door(Permission.POST_PUBLISH)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: DeskRequest) -> HttpResponse:
    """Write a post; the first sending shows how it will look, the second publishes it. `?draft=` goes on with one."""
    request.access.require(Permission.POST_PUBLISH)
    if request.method != "POST":
        return _draw(request, _begun(request))
    form = PostForm(request.POST)
    is_whole = form.is_valid()
    if "form_key" not in form.errors:
        try:
            keep_typed(request, form.key)
        except DraftOvertaken as error:
            return _draw(request, form, overtaken=error.draft, status=409)
        except NotPossible:
            pass  # published meanwhile: the same key publishes nothing more, and the form says so
    if not is_whole:
        return _draw(request, form, status=422)
    if request.POST.get("step") != "publish":
        return _draw(request, form, preview=True)
    chosen = chosen_in(request.POST, outlets(request.access.municipality_id))
    words = replace(form.words, own=chosen.own, only=chosen.only)
    try:
        post = publish_draft(request.access, form.key, words, now=clock.now())
    except (NoKey, NotPossible) as error:
        form.add_error(None, no_key_words(error) if isinstance(error, NoKey) else str(error))
        return _draw(request, form, preview=True, status=409)
    if (post.title, post.text) != (words.title, words.text):
        return _draw(request, form, preview=True, published=post, status=409)
    if _in_networks(post):
        messages.success(request, _("Published. It is on the site now and on its way to the networks."))
    else:
        messages.success(request, _("Published. It is on the site now."))
    return go_to(request, reverse("desk:posts"))


def _begun(request: DeskRequest) -> PostForm:
    """Return the form of the draft that the address names; an empty one for none."""
    field = forms.UUIDField(required=False)
    try:
        draft = draft_by_key(request.access, field.clean(request.GET.get("draft", "")))
    except forms.ValidationError:
        draft = None
    if draft is None:
        return PostForm()
    said = {"rubric": draft.rubric, "title": draft.title, "text": draft.text}
    return PostForm(initial={**said, "form_key": draft.key, "seen": draft.version})


def no_key_words(error: NoKey) -> str:
    """Say that nothing can be published, and who mends it."""
    return _("Nothing can be published now: the city can't sign (%(reason)s). Tell the administrator.") % {
        "reason": error
    }


def _draw(
    request: DeskRequest,
    form: PostForm,
    *,
    preview: bool = False,
    published: Post | None = None,
    overtaken: PostDraft | None = None,
    status: int = 200,
) -> HttpResponse:
    """Draw the form with everything typed in it; one that has `published` another post already gets a new key."""
    city = request.access.official.municipality
    channels = outlets(city.pk)
    chosen = chosen_in(request.POST, channels)
    key = uuid4() if published is not None else form.key
    draft = draft_by_key(request.access, key) if form.is_bound or "form_key" in form.initial else None
    context = {
        "form": form,
        "key": key,
        "seen": draft.version if draft is not None else 0,
        "draft": draft,
        "overtaken": overtaken,
        "body": as_html(form.words.text) if preview else "",
        "words": form.words if preview else None,
        "published": published,
        "kept_from": kept_from(city.pk),
        "networks": rows_of(channels, chosen),
        "looks": looks_of(channels, request.POST, chosen, pictures_of(draft)) if form.is_bound else [],
        "city": city,
        **tray_of(draft),
    }
    return render(request, "desk/posts/new.html", context, status=status)
