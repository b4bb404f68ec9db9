"""A case on paper: one PDF for an archive, a prosecutor or the council, made when it is asked for, kept nowhere."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.http import FileResponse, HttpResponseBase
from django.utils import dateformat, timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from otklik.cases.enums import AnswerState
from otklik.cases.models import Answer, Case
from otklik.cases.privacy import without_people
from otklik.cases.queries import journal_of
from otklik.cases.reading import LINES, Conversation, answers_of, conversations_of
from otklik.cases.services.printing import note_copy
from otklik.cases.terms import appeals_of, rules_of
from otklik.channels.models import Message
from otklik.common import clock
from otklik.common.codes import without_codes
from otklik.common.printing import to_pdf
from otklik.desk.casescreen import find_case
from otklik.desk.doors import DeskRequest, door
from otklik.desk.history import history
from otklik.desk.inbox import show_case
from otklik.desk.words import problem
from otklik.org.access import Permission
from otklik.org.queries import departments_of, topics_of

Hide = Callable[[str], str]
"""Takes out of a text what the reader may not see; nothing in a full copy."""


class PaperForm(forms.Form):
    """For whom the copy is, and whether it names the residents."""

    full = forms.BooleanField(label=gettext_lazy("With residents' names and contacts"), required=False)
    purpose = forms.CharField(label=gettext_lazy("For whom"), max_length=300, required=False)


@door(Permission.CASE_VIEW)
@require_POST
def paper(request: DeskRequest, number: int) -> HttpResponseBase:
    """Give the case out as a PDF; the history says who took it, whether in full, and for whom."""
    case, form = find_case(request.access, number), PaperForm(request.POST)
    if not form.is_valid():
        return show_case(request, case, problem=_("Say it in 300 characters at most."), failed="paper", status=422)
    full, purpose = bool(form.cleaned_data["full"]), str(form.cleaned_data["purpose"])
    now = clock.now()
    try:
        note_copy(request.access, case, full=full, purpose=purpose, now=now)
    except ValueError as error:
        return show_case(request, case, problem=problem(error), failed="paper", status=409)
    made_by = request.access.official.full_name
    content = paper_of(case, full=full, purpose=purpose, made_by=made_by, now=now)
    file = to_pdf("case.typ", content, foreign=_foreign)
    name = f"case-{case.number}{'-full' if full else ''}.pdf"
    return FileResponse(io.BytesIO(file), as_attachment=True, filename=name, content_type="application/pdf")


def _foreign(count: int) -> str:
    return ngettext("%(n)s character of another script", "%(n)s characters of another script", count) % {"n": count}


def paper_of(case: Case, *, full: bool, purpose: str, made_by: str, now: datetime) -> dict[str, Any]:
    """Return everything that the paper holds, as plain words. About ten queries, however long the case is."""
    talks = conversations_of(case)
    people = _people(talks)
    hide: Hide = (lambda text: text) if full else (lambda text: without_people(text, people))
    answers = [one for one in answers_of(case) if one.state in (AnswerState.APPROVED, AnswerState.SENT)]
    titles = {row.pk: row.title for row in departments_of(case.municipality_id)}
    topics = {one.code: one.name for group, rows in topics_of(case.municipality_id).items() for one in (group, *rows)}
    steps = history(journal_of(case), titles, topics)[::-1]
    return {
        "language": get_language() or "ru",
        "city": str(case.municipality.localised("name")),
        "title": _("Case № %(number)s") % {"number": case.number},
        "summary": hide(case.summary),
        "notice": _notice(full=full, purpose=purpose),
        "made": _("Made on %(when)s by %(who)s") % {"when": _exact(now), "who": made_by},
        "words": _headings(),
        "facts": [[name, hide(value)] for name, value in _facts(case) if value],
        "appeals": _appeals(case),
        "talks": [_talk(talk, people, hide, full=full) for talk in talks],
        "left_out": _left_out(case, talks),
        "answers": [_answer(one, hide) for one in answers],
        "history": [
            [_exact(step.at), hide(f"{step.title}: {step.words}" if step.words else step.title), step.who]
            for step in steps
        ],
    }


def _headings() -> dict[str, str]:
    return {
        "facts": _("Facts"),
        "appeals": _("Formal appeals"),
        "conversation": _("Conversation"),
        "answers": _("Answers of the city"),
        "history": _("History"),
        "what": _("What"),
        "value": _("How it is"),
        "when": _("When"),
        "who": _("Who"),
    }


def _notice(*, full: bool, purpose: str) -> str:
    if not full:
        return _("Residents' names, contacts, flats and links are hidden. Notes between colleagues are not part of it.")
    text = _("This copy holds personal data: keep it as the law asks. Notes between colleagues are not part of it.")
    whom = _("For: %(whom)s") % {"whom": purpose}
    return f"{text} {whom}" if purpose else text


def _facts(case: Case) -> Sequence[tuple[str, str]]:
    topic = case.topic
    group = f"{topic.parent.name} › " if topic is not None and topic.parent is not None else ""
    return (
        (_("Topic"), f"{group}{topic.name}" if topic is not None else ""),
        (_("Place"), case.place_text or (str(case.place) if case.place is not None else "")),
        (_("Status"), str(case.get_status_display())),
        (_("Outcome"), str(case.get_outcome_display()) if case.outcome else ""),
        (_("Who answers"), case.department.title if case.department is not None else ""),
        (_("Executor"), case.executor.full_name if case.executor is not None else ""),
        (_("Under personal control"), _("yes") if case.personal_control else ""),
        (_("Voices"), str(case.message_count)),
        (_("Opened"), _exact(case.opened_at)),
        (_("Answer due"), _exact(case.answer_due_at)),
        (_("Interim answer"), _exact(case.interim_answered_at)),
        (_("Promised day"), dateformat.format(case.postponed_until, "j E Y") if case.postponed_until else ""),
        (_("Why it takes so long"), case.promise_reason),
        (_("Answered"), _exact(case.answered_at)),
        (_("Closed"), _exact(case.closed_at)),
        (_("Passed on to"), f"{case.redirected_to}, {case.redirected_to.contacts}" if case.redirected_to else ""),
        (_("Repeats"), str(case.repeat_of) if case.repeat_of is not None else ""),
        (_("The resident says"), str(case.get_verdict_display()) if case.verdict else ""),
        (_("Rating"), _("%(stars)s of 5") % {"stars": case.rating} if case.rating else ""),
        (_("Public page"), _("Everybody sees it") if case.is_public else _("Only we and the resident see it")),
    )


def _appeals(case: Case) -> list[dict[str, Any]]:
    rows = appeals_of(case)
    name = rules_of(case.municipality).title if rows else ""
    return [
        {
            "title": f"{name} {row}",
            "lines": [
                f"{label}: {dateformat.format(day, 'j E Y')}"
                for label, day in (
                    (_("Came on"), row.received_on),
                    (_("Registered on"), row.registered_on),
                    (_("Last day"), row.due_on),
                    (_("The resident was told on"), row.told_on),
                    (_("Ended on"), row.ended_on),
                )
                if day is not None
            ]
            + [words for words in (str(row.get_state_display()), row.extension_reason, row.remark) if words],
        }
        for row in rows
    ]


def _people(talks: Sequence[Conversation]) -> list[str]:
    """Return the names of those who wrote, in the order in which they came."""
    names = [line.message.identity.display_name for talk in talks for line in talk.lines if line.message.identity]
    return list(dict.fromkeys(name for name in names if name))


def _talk(talk: Conversation, people: Sequence[str], hide: Hide, *, full: bool) -> dict[str, Any]:
    first = talk.first
    private = _("nobody else reads it")
    kind = str(first.get_kind_display()) + ("" if first.is_public else f", {private}")
    lines = [_line(line.message, people, hide, full=full) for line in talk.lines]
    return {"title": f"{first.channel.get_network_display()} · {kind}", "lines": lines}


def _line(message: Message, people: Sequence[str], hide: Hide, *, full: bool) -> dict[str, str]:
    text = _("Deleted by its author.") if message.deleted_at else hide(without_codes(message.text))
    names = [str(one.get("filename") or one.get("kind", "")) for one in message.attachments]
    if names and not message.deleted_at:
        attached = _("Attached: %(names)s") % {"names": hide(", ".join(names))}
        text = f"{text}\n{attached}".strip()
    return {"who": _who(message, people, full=full), "at": _exact(message.occurred_at), "text": text}


def _who(message: Message, people: Sequence[str], *, full: bool) -> str:
    if message.is_ours:
        return message.official.full_name if message.official is not None else str(_("The city"))
    name = message.identity.display_name if message.identity is not None else ""
    if full or not name:
        return name or _("Nameless")
    return _("Resident %(n)s") % {"n": people.index(name) + 1}


def _answer(answer: Answer, hide: Hide) -> dict[str, Any]:
    who = [
        _("Written by %(who)s") % {"who": answer.author} if answer.author is not None else "",
        _("approved by %(who)s") % {"who": answer.approver} if answer.approver is not None else "",
        _("in the head's own name") if answer.in_heads_name else "",
    ]
    sends = [
        f"{send.outgoing.channel.get_network_display()}: {send.outgoing.get_state_display()}"
        for send in answer.sends.all()
    ]
    lines = [", ".join(part for part in who if part), "; ".join(sends)]
    title = f"{answer.get_kind_display()}, {_exact(answer.sent_at or answer.approved_at)}"
    return {"title": title, "text": hide(answer.text), "lines": [line for line in lines if line]}


def _left_out(case: Case, talks: Sequence[Conversation]) -> str:
    shown = sum(line.of_case for talk in talks for line in talk.lines)
    lines = sum(len(talk.lines) for talk in talks)
    if shown >= case.message_count and lines < LINES:
        return ""
    return _("The newest %(shown)s of %(all)s messages are printed.") % {"shown": shown, "all": case.message_count}


def _exact(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%d.%m.%Y %H:%M}" if moment is not None else ""
