"""The reception: what people say by phone, on paper and in person is taken down here, and answers to it are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from otklik.cases.models import AnswerSend
from otklik.cases.queries import fate_of_submission, visible_cases
from otklik.cases.searching import open_there
from otklik.channels.enums import Decision, Network
from otklik.channels.queries import contact_of_each, loose_uploads
from otklik.channels.services.taking_down import take_down
from otklik.common import clock
from otklik.connectors.reception.connector import MOST_FILES
from otklik.desk.casescreen import find_case
from otklik.desk.doors import DeskRequest, door
from otklik.desk.receptionforms import HeardForm, ManyForm, NotReachedForm, ToldForm
from otklik.desk.tables import read_table
from otklik.desk.words import PROBLEMS, problem
from otklik.intake import telling
from otklik.media.models import StoredFile
from otklik.media.services.keeping import NotTaken, keep
from otklik.org.access import Permission

MOST = 100
"""Answers to be told on one page; those that wait longest come first."""
ACCEPT = "image/*,.heic,.heif,application/pdf,audio/*,video/mp4"


@dataclass
class Papers:
    """Scans and photos that came with the form: those we have, and a sentence for each that we don't take."""

    files: list[StoredFile] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    accept: str = ACCEPT
    most: int = MOST_FILES


@door(Permission.RECEPTION)
@require_safe
def listing(request: DeskRequest) -> HttpResponse:
    """Show the answers that wait until a person tells them, the longest waiting first."""
    return _show(request)


@door(Permission.RECEPTION)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: DeskRequest) -> HttpResponse:
    """Show the form; take down what was typed, and lead to the page that shows what became of it."""
    form = HeardForm(request.POST) if request.method == "POST" else HeardForm()
    if request.method != "POST":
        return _form(request, form, Papers())
    papers = _papers(request)
    if not form.is_valid() or papers.refused:
        return _form(request, form, papers, status=422)
    try:
        (key,) = take_down(request.access, [form.heard()], papers.files, now=clock.now())
    except ValueError as error:
        form.add_error(None, str(error))
        return _form(request, form, papers, status=422)
    return redirect("desk:reception_taken", key=key)


@door(Permission.RECEPTION)
@require_safe
def same(request: DeskRequest) -> HttpResponse:
    """Show open cases about the place that is being typed: a part of the form."""
    words = f"{request.GET.get('place', '')} {request.GET.get('text', '')}"[:4000]
    return render(request, "desk/reception/same.html", {"cases": open_there(request.access, words)})


@door(Permission.RECEPTION)
@require_safe
def taken(request: DeskRequest, key: str) -> HttpResponse:
    """Show what became of something taken down: being read, in a case, or with whoever sorts."""
    fate = fate_of_submission(request.access.municipality_id, f"entry:{key}", network=Network.RECEPTION)
    if fate is None:
        raise Http404
    seen = fate.case is not None and visible_cases(request.access).filter(pk=fate.case.pk).exists()
    waits = fate.state == "received" or (fate.message is not None and fate.message.decision == Decision.PENDING)
    context = {"fate": fate, "waits": waits, "sees_case": seen, "key": key}
    context["may_sort"] = request.access.holds(Permission.MESSAGE_SORT)
    return render(request, "desk/reception/taken.html", context)


@door(Permission.RECEPTION)
@require_http_methods(["GET", "HEAD", "POST"])
def many(request: DeskRequest) -> HttpResponse:
    """Take down a table of messages at once: each row is one, and the same row is stored once."""
    form = ManyForm(request.POST, request.FILES) if request.method == "POST" else ManyForm()
    if request.method != "POST":
        return render(request, "desk/reception/many.html", {"form": form})
    if not form.is_valid():
        return render(request, "desk/reception/many.html", {"form": form}, status=422)
    said = form.cleaned_data
    try:
        table = said["file"].read(2_000_001) if said["file"] is not None else said["table"].encode()
        heard = read_table(table, consents=said["consents"], now=clock.now())
        take_down(request.access, heard, now=clock.now())
    except ValueError as error:
        form.add_error(None, str(error))
        return render(request, "desk/reception/many.html", {"form": form}, status=422)
    messages.success(request, _("Taken down: %(count)s. They are being read.") % {"count": len(heard)})
    return redirect("desk:reception")


@door(Permission.RECEPTION)
@require_POST
def told(request: DeskRequest, outgoing_id: int) -> HttpResponse:
    """Somebody told the person the answer."""
    form = ToldForm(request.POST, prefix=f"told-{outgoing_id}")

    def do(send: AnswerSend) -> None:
        said = form.cleaned_data
        now = clock.now()
        telling.tell(request.access, send.answer.case, outgoing_id, said["how"], said["told_at"], now=now)

    return _settle(request, outgoing_id, form, do, _("The answer counts as given."))


@door(Permission.RECEPTION)
@require_POST
def not_reached(request: DeskRequest, outgoing_id: int) -> HttpResponse:
    """Nobody could be told; the case shows the other ways."""
    form = NotReachedForm(request.POST, prefix=f"missed-{outgoing_id}")

    def do(send: AnswerSend) -> None:
        reason = form.cleaned_data["reason"]
        telling.not_reached(request.access, send.answer.case, outgoing_id, reason, now=clock.now())

    return _settle(request, outgoing_id, form, do, _("Noted: the case shows what else can be done."))


def patterns() -> list[URLPattern]:
    """Return the reception's addresses."""
    return [
        path("reception/", listing, name="reception"),
        path("reception/new/", new, name="reception_new"),
        path("reception/new/same/", same, name="reception_same"),
        path("reception/many/", many, name="reception_many"),
        path("reception/taken/<slug:key>/", taken, name="reception_taken"),
        path("reception/<int:outgoing_id>/told/", told, name="reception_told"),
        path("reception/<int:outgoing_id>/not-reached/", not_reached, name="reception_not_reached"),
    ]


def _settle(
    request: DeskRequest, outgoing_id: int, form: Any, do: Callable[[AnswerSend], None], words: str
) -> HttpResponse:
    send = telling.to_tell(request.access).filter(outgoing=outgoing_id).first()
    if send is None:
        raise Http404
    find_case(request.access, send.answer.case.number)
    if not form.is_valid():
        return _show(request, kept={form.prefix: form}, status=422)
    try:
        do(send)
    except PROBLEMS as error:
        return _show(request, kept={form.prefix: form}, problem=problem(error), status=409)
    messages.success(request, words)
    return redirect("desk:reception")


def _show(
    request: DeskRequest, *, kept: dict[str, Any] | None = None, problem: str = "", status: int = 200
) -> HttpResponse:
    kept = kept or {}
    found = list(telling.to_tell(request.access)[: MOST + 1])
    sends = found[:MOST]
    contacts = _contacts(sends)
    rows = [
        {
            "send": send,
            "contact": contacts.get(send.outgoing_id, ""),
            "told": kept.get(f"told-{send.outgoing_id}") or ToldForm(prefix=f"told-{send.outgoing_id}"),
            "missed": kept.get(f"missed-{send.outgoing_id}") or NotReachedForm(prefix=f"missed-{send.outgoing_id}"),
            "may_tell": request.access.allows(Permission.RECEPTION, send.answer.case.department_id),
        }
        for send in sends
    ]
    context = {
        "rows": rows,
        "problem": problem,
        "kept": list(kept),
        "more": len(found) > MOST,
    }
    return render(request, "desk/reception/list.html", context, status=status)


def _contacts(sends: list[AnswerSend]) -> dict[int, str]:
    """Return how each person wants to be reached, by the outgoing row: one query for a page."""
    heard = {one.outgoing_id: one.outgoing.reply_to for one in sends if one.outgoing.reply_to is not None}
    contacts = contact_of_each(heard.values())
    return {outgoing: contacts.get(message.pk, "") for outgoing, message in heard.items()}


def _form(request: DeskRequest, form: HeardForm, papers: Papers, *, status: int = 200) -> HttpResponse:
    return render(request, "desk/reception/new.html", {"form": form, "uploads": papers}, status=status)


def _papers(request: DeskRequest) -> Papers:
    now, city = clock.now(), request.access.municipality_id
    found = Papers(loose_uploads(city, request.POST.getlist("kept")[:MOST_FILES], now=now, by=request.access.official))
    for upload in request.FILES.getlist("photos"):
        if len(found.files) >= MOST_FILES:
            found.refused.append(_("More than %(count)d files: the rest was left out.") % {"count": MOST_FILES})
            break
        try:
            found.files.append(keep(city, upload.name or "", upload.chunks(), now=now, by=request.access.official))
        except NotTaken as refusal:
            found.refused.append(str(refusal))
    return found
