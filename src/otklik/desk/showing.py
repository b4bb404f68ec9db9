"""Clearing a case for everybody: which words they will read, what is hidden in them, under what heading."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from otklik.cases.clearing import Word, seal_of, without, words_of
from otklik.cases.models import Case
from otklik.cases.publicity import contacts_of, names_in, photos_to_clear, sources_of
from otklik.cases.services.moving import Overtaken
from otklik.cases.services.showing import TITLE_LIMIT, Clearing, NotForPublic, make_public
from otklik.channels.models import Message
from otklik.common import clock
from otklik.common.text import shorten
from otklik.desk.casescreen import find_case
from otklik.desk.doors import DeskRequest, door, go_to
from otklik.desk.words import problem
from otklik.org.access import Permission


class ClearForm(forms.Form):
    """The heading, and which words are hidden; their numbers are those of the text whose seal comes along."""

    of = forms.IntegerField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput)
    title = forms.CharField(
        label=_("Heading"),
        help_text=_("In the list. Empty: the first words of the text."),
        max_length=TITLE_LIMIT,
        required=False,
    )
    hide = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, *args: Any, words: list[Word], **options: Any) -> None:
        super().__init__(*args, **options)
        hide = self.fields["hide"]
        assert isinstance(hide, forms.TypedMultipleChoiceField)  # noqa: S101 - declared six lines above
        hide.choices = [(word.number, word.text) for word in words]

    def clearing(self) -> Clearing:
        """Return what was decided."""
        said = self.cleaned_data
        return Clearing(said["of"], frozenset(said["hide"]), said["seen"], said["title"])


@door(Permission.CASE_PUBLISH)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: DeskRequest, number: int) -> HttpResponse:
    """Show what everybody would read; look again with other words hidden, or show it to everybody."""
    case = find_case(request.access, number)
    request.access.require(Permission.CASE_PUBLISH, case.department_id)
    asked = request.POST if request.method == "POST" else request.GET
    sources = sources_of(case)
    message = _chosen(sources, asked)
    if message is None:
        return _page(request, case, {"sources": sources})
    words = words_of(message.text, names_in(case), known=contacts_of(case.municipality_id))
    if request.method != "POST":
        return _page(request, case, _drawn(message, words, _hidden_now(case, message, words), _title(case), sources))
    form = ClearForm(request.POST, words=words)
    valid = form.is_valid()
    hidden = frozenset(form.cleaned_data.get("hide", ()))
    drawn = _drawn(message, words, hidden, str(form["title"].value() or ""), sources) | {"form": form}
    if not valid or form.cleaned_data["seen"] != seal_of(message.text):
        # Numbers of words that somebody has changed mean nothing any more: begin with what is found by itself.
        changed = _drawn(message, words, _found(words), str(form["title"].value() or ""), sources)
        return _page(request, case, changed | {"form": form, "problem": _changed_meanwhile()}, status=409)
    if request.POST.get("then") != "show":
        return _page(request, case, drawn)
    try:
        make_public(request.access, case, form.clearing(), now=clock.now())
    except (NotForPublic, Overtaken) as error:
        return _page(request, case, drawn | {"problem": problem(error)}, status=409)
    messages.success(request, gettext("Everybody can see this case now."))
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return go_to(request, f"{reverse('desk:case', args=[number])}{query}")


def _chosen(sources: list[Message], asked: QueryDict) -> Message | None:
    """Return the message that is asked for, the first one where none is. Raises Http404 for another's words."""
    wanted = asked.get("of", "")
    if not wanted:
        return sources[0] if sources else None
    found = next((one for one in sources if str(one.pk) == wanted), None)
    if found is None:
        raise Http404
    return found


def _hidden_now(case: Case, message: Message, words: list[Word]) -> frozenset[int]:
    """Return what is hidden on the public page now; for words that aren't there yet, what is found by itself."""
    shown = getattr(case, "showing", None)
    if shown is None or shown.withdrawn_at is not None or shown.message_id != message.pk:
        return _found(words)
    unchanged = message.edited_at is None or message.edited_at < shown.cleared_at
    return frozenset(shown.hidden) if unchanged else _found(words)


def _found(words: list[Word]) -> frozenset[int]:
    return frozenset(word.number for word in words if word.hidden)


def _title(case: Case) -> str:
    shown = getattr(case, "showing", None)
    return shown.title if shown is not None else ""


def _drawn(
    message: Message, words: list[Word], hidden: frozenset[int], title: str, sources: list[Message]
) -> dict[str, Any]:
    text = without(words, message.text, hidden)
    return {
        "sources": sources,
        "message": message,
        "words": [(word, word.always or word.number in hidden) for word in words],
        "text": text,
        "heading": title or shorten(text, TITLE_LIMIT),
        "seal": seal_of(message.text),
        "form": ClearForm(initial={"of": message.pk, "seen": seal_of(message.text), "title": title}, words=words),
    }


def _changed_meanwhile() -> str:
    return gettext("Its author has changed the message meanwhile. Look at it as it is now; nothing was shown.")


def _page(request: DeskRequest, case: Case, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    shared = {
        "case": case,
        "city": case.municipality,
        "query": request.GET.urlencode(),
        "photos": photos_to_clear(case),
    }
    return render(request, "desk/showing.html", {**shared, **context}, status=status)
