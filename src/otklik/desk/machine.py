"""The language model on a case's screen, where the city has one: a draft to check, a summary, a translation.

Nothing here shows when it is off. What it writes is drawn as plain text, marked as the machine's, and a person decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from otklik.assist.enums import Use, Wish
from otklik.assist.models import MachineText, ModelSettings
from otklik.assist.queries import newest_of, settings_of
from otklik.assist.services import asking
from otklik.cases.models import Answer, Case
from otklik.cases.queries import case_for
from otklik.cases.reading import Conversation
from otklik.channels.models import Message
from otklik.common import clock
from otklik.desk.doors import DeskRequest, door, wants_fragment
from otklik.org.access import Access, Permission


@dataclass(frozen=True, slots=True)
class Box:
    """One place on the screen where the machine may write, and what it wrote there."""

    use: Use
    case: Case
    message_id: int | None = None
    row: MachineText | None = None
    in_editor: bool = False
    """The text stands in the editor already; otherwise it is shown here."""

    @property
    def id(self) -> str:
        """The element's id."""
        return f"machine-{self.use}-{self.message_id or self.case.pk}"

    @property
    def ask_url(self) -> str:
        """Where the question is put."""
        if self.message_id is not None:
            return reverse("desk:machine_translate", args=[self.case.number, self.message_id])
        return reverse("desk:machine_ask", args=[self.case.number, self.use.value])

    @property
    def waits(self) -> bool:
        """Whether the machine is at it."""
        return self.row is not None and self.row.state in (Wish.QUEUED, Wish.WORKING)

    @property
    def is_done(self) -> bool:
        """Whether there is something to read."""
        return self.row is not None and self.row.state == Wish.DONE


@dataclass(frozen=True, slots=True)
class Machine:
    """Every box of a case's screen; none where the model is off."""

    draft: Box | None = None
    summary: Box | None = None
    translations: Mapping[int, Box] = field(default_factory=dict)

    @property
    def draft_text(self) -> str:
        """What goes into the empty editor."""
        row = self.draft.row if self.draft is not None and self.draft.in_editor else None
        return row.text if row is not None else ""


def machine_of(case: Case, conversations: Sequence[Conversation], answer: Answer | None, *, may_draft: bool) -> Machine:
    """Return what the language model has to do with a case. One query where it is off, two where it is on."""
    settings = settings_of(case.municipality_id)
    if not any(settings.allows(use) for use in Use):
        return Machine()
    known = newest_of(case)
    said = [line.message for talk in conversations for line in talk.lines]
    return Machine(
        draft=_draft(case, known.get((Use.DRAFT, None)), answer) if may_draft and settings.allows(Use.DRAFT) else None,
        summary=_summary(case, said, settings, known.get((Use.SUMMARY, None))),
        translations=_translations(case, said, known) if settings.allows(Use.TRANSLATION) else {},
    )


def _draft(case: Case, row: MachineText | None, answer: Answer | None) -> Box:
    done = row is not None and row.state == Wish.DONE
    return Box(Use.DRAFT, case, row=row, in_editor=done and answer is None)


def _summary(case: Case, said: Sequence[Message], settings: ModelSettings, row: MachineText | None) -> Box | None:
    if not settings.allows(Use.SUMMARY) or len(said) < settings.summary_from:
        return None
    return Box(Use.SUMMARY, case, row=row)


def _translations(
    case: Case, said: Sequence[Message], known: Mapping[tuple[Use, int | None], MachineText]
) -> dict[int, Box]:
    ours = get_language() or "ru"
    foreign = [one for one in said if one.language not in ("", "und", ours) and one.text and not one.is_ours]
    boxes = {}
    for message in foreign:
        row = known.get((Use.TRANSLATION, message.pk))
        boxes[message.pk] = Box(
            Use.TRANSLATION, case, message.pk, row if row is not None and row.language == ours else None
        )
    return boxes


@door(Permission.CASE_VIEW)
@require_POST
def ask(request: DeskRequest, number: int, use: str) -> HttpResponse:
    """Ask for a draft or a summary."""
    if use not in (Use.DRAFT, Use.SUMMARY):
        raise Http404
    return _ask(request, _case(request.access, number), Use(use), None)


@door(Permission.CASE_VIEW)
@require_POST
def translate(request: DeskRequest, number: int, message_id: int) -> HttpResponse:
    """Ask for the translation of one message of the case."""
    case = _case(request.access, number)
    message = Message.objects.filter(municipality=request.access.municipality_id, pk=message_id).first()
    if message is None:
        raise Http404
    return _ask(request, case, Use.TRANSLATION, message)


@door(Permission.CASE_VIEW)
@require_POST
def cancel(request: DeskRequest, row_id: int) -> HttpResponse:
    """Stop the machine, or put what it wrote aside."""
    rows = MachineText.objects.filter(municipality=request.access.municipality_id).select_related("case")
    row = rows.filter(pk=row_id).first()
    if row is None:
        raise Http404
    asking.cancel(request.access, row, now=clock.now())
    return _box(request, Box(Use(row.use), row.case, row.message_id))


def _ask(request: DeskRequest, case: Case, use: Use, message: Message | None) -> HttpResponse:
    try:
        row = asking.ask(request.access, case, use, now=clock.now(), message=message)
    except asking.NotOffered as error:
        raise Http404 from error
    return _box(request, Box(use, case, row.message_id, row))


def _box(request: DeskRequest, box: Box) -> HttpResponse:
    """Draw the one box again, so that what somebody types beside it stays; without scripts the whole screen."""
    if wants_fragment(request):
        return render(request, "desk/machine/box.html", {"box": box})
    return HttpResponseRedirect(reverse("desk:case", args=[box.case.number]))


def _case(access: Access, number: int) -> Case:
    try:
        return case_for(access, number)
    except Case.DoesNotExist as error:
        raise Http404 from error
