"""What the case screen shows: the conversation, the facts, and what this person may do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404
from django.utils.translation import get_language

from otklik.cases.enums import TRANSITIONS, WORKED_STATUSES, AnswerKind, AnswerState, Status
from otklik.cases.models import Answer, Case
from otklik.cases.offering import Matter, Offer, offers, ruled_by, why_here
from otklik.cases.queries import case_for, is_hot_now
from otklik.cases.reaching import Reach, reach_of
from otklik.cases.reading import Conversation, answers_of, conversations_of, snooze_of, whole_journal_of
from otklik.cases.sendtimes import waits_until
from otklik.cases.services.answering import is_own_draft, targets_of
from otklik.cases.services.locating import Whereabouts, suggested_place, whereabouts
from otklik.cases.services.scheduling import send_at_for
from otklik.cases.services.unreached import is_refused_everywhere
from otklik.cases.snoozes import Snooze
from otklik.channels.models import Message
from otklik.channels.numbers import with_reactions
from otklik.channels.queries import contacts_left_with
from otklik.common import clock
from otklik.desk.appeals import AppealPanel, panel_of
from otklik.desk.control import ControlPanel, control_panel
from otklik.desk.correcting import Corrections, corrections_on_screen
from otklik.desk.forms import (
    AssignForm,
    DeadlineForm,
    DraftForm,
    PlaceForm,
    RejectForm,
    RemarkForm,
    TopicForm,
    WithdrawForm,
)
from otklik.desk.goodness import Goodness, goodness_of
from otklik.desk.history import Step, history
from otklik.desk.life import Life, life_of
from otklik.desk.machine import Machine, machine_of
from otklik.desk.pictures import Pictures, pictures_of
from otklik.desk.reaching import ToldForm
from otklik.desk.snoozing import SnoozeForm
from otklik.org.absences import absence_now
from otklik.org.access import Access, Permission
from otklik.org.models import Absence, Department
from otklik.org.queries import TopicNames, answerer_of, departments_of, topic_names
from otklik.posts.models import Post
from otklik.posts.queries import post_of_thread
from otklik.triage.verdict import Reason


def find_case(access: Access, number: int) -> Case:
    """Return the case with this number. Raises Refused, Http404 also for what this official may not see."""
    try:
        return case_for(access, number)
    except Case.DoesNotExist as error:
        raise Http404 from error


@dataclass(frozen=True, slots=True)
class Steps:
    """What this person may do with the case as it stands; the services decide again when it is done."""

    take: bool
    draft: bool
    as_head: bool
    approve: bool
    own_draft: bool
    assign: bool
    topic: bool
    deadline: bool
    control: bool
    reject: bool
    publish: bool
    unpublish: bool
    code: bool
    paper_full: bool
    recall: bool
    snooze: bool
    told: bool
    """The answer was refused everywhere: say that a person told it, or take it back to a draft (`anew`)."""
    anew: bool

    @property
    def more(self) -> bool:
        """Whether there is anything beside writing and approving."""
        return any((self.assign, self.topic, self.deadline, self.reject, self.publish, self.unpublish))


def steps_for(access: Access, case: Case, answer: Answer | None) -> Steps:
    """Return which buttons make sense: allowed to this person, and possible from where the case stands."""
    status = Status(case.status)

    def may(permission: Permission, to: Status | None = None) -> bool:
        return access.allows(permission, case.department_id) and (to is None or to in TRANSITIONS[status])

    draft = may(Permission.CASE_DRAFT) and status in WORKED_STATUSES
    submitted = answer is not None and answer.state == AnswerState.SUBMITTED
    own = submitted and answer is not None and is_own_draft(access, case, answer)
    is_head = access.allows(Permission.ANSWER_AS_HEAD)
    refused = answer is not None and is_refused_everywhere(answer)
    return Steps(
        take=may(Permission.CASE_DRAFT, Status.IN_PROGRESS) and status not in (Status.DRAFTING, Status.APPROVAL),
        draft=draft,
        as_head=draft and is_head,
        approve=submitted and may(Permission.CASE_APPROVE) and (is_head or not own),
        own_draft=own and not is_head,
        assign=may(Permission.CASE_ASSIGN, Status.ASSIGNED),
        topic=may(Permission.CASE_ASSIGN) and case.is_open,
        deadline=may(Permission.CASE_DEADLINE) and case.is_open and status not in _KEPT_DEADLINE,
        control=may(Permission.CONTROL_SET) and not case.personal_control,
        reject=may(Permission.CASE_ASSIGN, Status.REJECTED),
        publish=may(Permission.CASE_PUBLISH),
        unpublish=may(Permission.CASE_PUBLISH) and case.is_public,
        code=may(Permission.MESSAGE_SORT),
        paper_full=may(Permission.PERSONAL_SHOW),
        recall=may(Permission.CASE_APPROVE),
        snooze=case.is_open and not is_hot_now(case, clock.now()),
        told=refused and may(Permission.CASE_APPROVE),
        anew=refused and may(Permission.CASE_DRAFT),
    )


@dataclass(frozen=True, slots=True)
class CaseScreen:
    """Everything the case screen draws."""

    case: Case
    life: Life
    control: ControlPanel | None
    machine: Machine
    first: Message | None
    conversations: list[Conversation]
    post: Post | None
    answer: Answer | None
    answers: list[Answer]
    targets: list[Message]
    steps: Steps
    history: list[Step]
    reasons: list[str]
    topic_percent: int | None
    goodness: Goodness = field(default_factory=Goodness)
    pictures: Pictures = field(default_factory=Pictures)
    corrections: Corrections = field(default_factory=Corrections)
    reach: Reach = field(default_factory=Reach)
    """Where an answer doesn't arrive any more, and where else its people wrote."""
    goes_at: datetime | None = None
    """When the answer that waits for approval, or was approved, goes out; None: at once."""
    snooze: Snooze | None = None
    appeals: AppealPanel = field(default_factory=AppealPanel)
    offers: list[Offer] = field(default_factory=list)
    why_here: str = ""
    contacts: Sequence[str] = ()
    """How residents want to be reached, for those who answer."""
    suggested: Whereabouts | None = None
    """Where triage read that it is, in a case that has no place yet."""
    absence: Absence | None = None
    """That the one who works on it is away, and who stands in."""
    departments: Sequence[Department] = ()
    topics: TopicNames = field(default_factory=dict)
    """The city's, for what stands beside the case."""
    forms: dict[str, forms.Form] = field(default_factory=dict)
    problem: str = ""
    failed: str = ""
    """Which of the forms was not accepted: it stands open."""
    typed: tuple[str, ...] = ()
    """What was typed in a form that has no place on the screen any more, so that it isn't lost."""


def screen_of(
    access: Access, case: Case, *, kept: Mapping[str, forms.Form] | None = None, problem: str = "", failed: str = ""
) -> CaseScreen:
    """Return the screen of a case; `kept` are forms that were not accepted, with what was typed in them."""
    departments = departments_of(case.municipality_id)
    topics = topic_names(case.municipality_id)
    _place_in_city(case, departments)
    answers = answers_of(case)
    current = next((one for one in answers if one.state in _CURRENT), None)
    conversations = conversations_of(case)
    with_reactions([line.message for talk in conversations for line in talk.lines])
    heard = [line.message for talk in conversations for line in talk.lines if line.of_case]
    first = heard[0] if heard else None
    steps = steps_for(access, case, current)
    titles = _titles(topics)
    suggested = suggested_place(case, heard)
    fresh = _fresh_forms(case, steps, current, departments, topics)
    if "place" in fresh and suggested is not None:
        fresh["place"].initial = {"street": suggested.street}
    entries = whole_journal_of(case)
    life = life_of(access, case, current, departments, journal=entries, first=first)
    control = control_panel(access, case)
    fresh |= life.forms | (control.forms if control is not None else {})
    matter = Matter(
        table=answerer_of(case.topic, case.place),
        topic=case.topic,
        verdict=first.verdict if first is not None else {},
        returned=life.returned,
        with_now=case.department_id,
        ruled=ruled_by(entries),
    )
    targets = targets_of(case) if steps.draft or current is not None else []
    pictures = pictures_of(case, current, targets)
    machine = machine_of(case, conversations, current, may_draft=steps.draft)
    if machine.draft_text and "draft" in fresh:
        fresh["draft"].initial["text"] = machine.draft_text
    appeals = panel_of(access, case, kept or {}, failed=failed)
    return CaseScreen(
        case=case,
        goes_at=_goes_at(case, steps, current),
        goodness=goodness_of(case, current, conversations, len(pictures.going)),
        pictures=pictures,
        corrections=corrections_on_screen(access, case, answers),
        reach=reach_of(case, answers, targets, now=clock.now()),
        life=life,
        control=control,
        machine=machine,
        first=first,
        conversations=conversations,
        post=post_of_thread(first.thread) if first is not None else None,
        answer=current,
        answers=[one for one in answers if one.state == AnswerState.SENT or one is current],
        targets=targets,
        steps=steps,
        history=history(entries, {row.pk: row.title for row in departments}, titles),
        reasons=reasons_of(first, titles) if first is not None else [],
        topic_percent=_percent(case, first),
        appeals=appeals,
        snooze=snooze_of(access, case, now=clock.now()),
        offers=offers(matter, departments) if steps.assign else [],
        why_here=why_here(matter, departments),
        contacts=contacts_left_with(heard) if access.allows(Permission.CASE_DRAFT, case.department_id) else (),
        suggested=suggested if steps.topic else None,
        absence=absence_now(case.executor, clock.now()) if case.executor is not None and case.is_open else None,
        departments=departments,
        topics=topics,
        forms={**fresh, **(kept or {})},
        problem=problem,
        failed=failed,
        typed=_typed(kept[failed]) if kept and failed in kept and failed not in {*fresh, *appeals.shown} else (),
    )


def _place_in_city(case: Case, departments: Sequence[Department]) -> None:
    """Give a case its department from the list that the screen shows anyway; one that has ended it asks for itself."""
    for department in departments:
        if department.pk == case.department_id:
            case.department = department


def _goes_at(case: Case, steps: Steps, answer: Answer | None) -> datetime | None:
    now = clock.now()
    if answer is not None and answer.state == AnswerState.APPROVED:
        return waits_until(answer.send_at, now)
    return send_at_for(case, now=now) if steps.approve else None


_KEPT_DEADLINE = (Status.WAITING_RESIDENT, Status.POSTPONED)
_CURRENT = (AnswerState.DRAFT, AnswerState.SUBMITTED, AnswerState.APPROVED)


def _typed(form: forms.Form) -> tuple[str, ...]:
    said = (form[name].value() for name in ("text", "remark", "reason", "body") if name in form.fields)
    return tuple(str(words) for words in said if words)


def _titles(topics: TopicNames) -> dict[str, str]:
    return {topic.code: topic.name for group, members in topics.items() for topic in (group, *members)}


def _fresh_forms(
    case: Case, steps: Steps, answer: Answer | None, departments: Any, topics: Any
) -> dict[str, forms.Form]:
    drafted = {"seen": ""}
    if answer is not None:
        drafted = {"seen": answer.text, "text": answer.text, "outcome": answer.outcome}
        if answer.kind != AnswerKind.FINAL:
            drafted = {"seen": answer.text}  # its words are in the form of its own kind
    found: dict[str, forms.Form] = {}
    if steps.draft:
        found["draft"] = DraftForm(initial=drafted)
    if steps.approve:
        found["decline"] = RemarkForm(prefix="decline")
    if steps.assign:
        chosen = {"department": case.department_id}
        found["assign"] = AssignForm(departments=departments, initial=chosen, prefix="assign")
    if steps.topic:
        found["topic"] = TopicForm(topics=topics, initial={"topic": case.topic_id}, prefix="topic")
        at = whereabouts(case)
        found["place"] = PlaceForm(initial={"street": at.street, "house": at.house}, prefix="place")
    if steps.deadline:
        found["deadline"] = DeadlineForm(initial={"due_at": case.answer_due_at}, prefix="deadline")
    if steps.reject:
        found["reject"] = RejectForm(prefix="reject")
    if steps.unpublish:
        found["unpublish"] = WithdrawForm(prefix="unpublish")
    if steps.told:
        found["told_otherwise"] = ToldForm(prefix="told_otherwise")
    if steps.snooze:
        found["snooze"] = SnoozeForm(may_for_all=steps.topic, prefix="snooze")
    return found


def reasons_of(message: Message, titles: Mapping[str, str]) -> list[str]:
    """Return what triage kept of why it decided so (rule, words, what they speak for, weight), the weightiest first."""
    kept = [one for one in message.verdict.get("reasons", []) if isinstance(one, list) and len(one) == 4]
    kept.sort(key=lambda one: -abs(float(one[3])))
    language = get_language() or ""
    return [Reason(*one).describe(language, titles) for one in kept]


def _percent(case: Case, first: Message | None) -> int | None:
    """Return how sure triage was of the topic; None once a person has changed it."""
    if first is None or case.topic is None or first.topic_code != case.topic.code:
        return None
    sure = first.verdict.get("topic_confidence")
    return round(100 * float(sure)) if sure else None
