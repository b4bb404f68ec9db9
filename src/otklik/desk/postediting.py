"""Correcting a post and taking it back: what changed and why is read by everybody beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from otklik.common import clock
from otklik.desk.doors import DeskRequest, door, go_to
from otklik.desk.posts import PostWords, no_key_words
from otklik.org.access import Permission
from otklik.org.errors import NotPossible
from otklik.posts.models import Post
from otklik.posts.services.propagating import left_behind
from otklik.posts.services.revising import Overtaken, correct, withdraw
from otklik.proof.signatures import NoKey


class _Why(forms.Form):
    """Why a post changes, for everybody, and which revision was before the author's eyes."""

    page: ClassVar[str]

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    reason = forms.CharField(
        label=gettext_lazy("Why, for everybody"),
        max_length=300,
        help_text=gettext_lazy("Readers see it beside the post, with the words of before."),
        error_messages={"required": gettext_lazy("Say why: readers see the reason beside the change.")},
    )


class CorrectForm(PostWords, _Why):
    """A post being corrected."""

    page = "desk/posts/edit.html"
    field_order = ("rubric", "title", "text", "reason", "version")


class WithdrawForm(_Why):
    """A post being taken back."""

    page = "desk/posts/withdraw.html"


@door(Permission.POST_PUBLISH)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: DeskRequest, pk: int) -> HttpResponse:
    """Correct a post. Somebody else's correction meanwhile is shown, and what was typed here is kept."""
    request.access.require(Permission.POST_PUBLISH)
    post = _post_or_404(request, pk)
    if request.method != "POST":
        said = {"rubric": post.rubric, "title": post.title, "text": post.text, "version": post.version}
        return _draw(request, post, CorrectForm(initial=said))
    form = CorrectForm(request.POST)
    if not form.is_valid():
        return _draw(request, post, form, status=422)
    given, words = form.cleaned_data, form.words
    return _done(
        request,
        post,
        form,
        lambda: correct(request.access, post, words, given["reason"], version=given["version"], now=clock.now()),
        _("Corrected: on the site now, in the networks in a moment. The earlier words stay in its history."),
    )


@door(Permission.POST_PUBLISH)
@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request: DeskRequest, pk: int) -> HttpResponse:
    """Take a post back; a page with the reason stays at its address."""
    request.access.require(Permission.POST_PUBLISH)
    post = _post_or_404(request, pk)
    if request.method != "POST":
        return _draw(request, post, WithdrawForm(initial={"version": post.version}))
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return _draw(request, post, form, status=422)
    given = form.cleaned_data
    return _done(
        request,
        post,
        form,
        lambda: withdraw(request.access, post, given["reason"], version=given["version"], now=clock.now()),
        _("Taken back. A page with the reason stays at its address."),
    )


def _done(request: DeskRequest, post: Post, form: _Why, deed: Callable[[], object], said: str) -> HttpResponse:
    """Do it and go back to the list; where it can't be done, show why and keep what was typed."""
    try:
        deed()
    except Overtaken as error:
        return _draw(request, error.post, form, overtaken=True, status=409)
    except NotPossible as error:
        form.add_error(error.field or None, str(error))
        return _draw(request, post, form, status=409)
    except NoKey as error:
        form.add_error(None, no_key_words(error))
        return _draw(request, post, form, status=409)
    messages.success(request, said)
    return go_to(request, reverse("desk:posts"))


def _post_or_404(request: DeskRequest, pk: int) -> Post:
    """Return a published post of the official's city. Raises Http404."""
    post = Post.objects.filter(pk=pk, municipality=request.access.municipality_id).select_related("author").first()
    if post is None:
        raise Http404
    return post


def _draw(request: DeskRequest, post: Post, form: _Why, *, overtaken: bool = False, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "post": post,
        "overtaken": overtaken,
        "left_behind": left_behind(post, removal=isinstance(form, WithdrawForm)),
        "version": post.version if overtaken else form["version"].value(),
        "city": request.access.official.municipality,
    }
    return render(request, form.page, context, status=status)
