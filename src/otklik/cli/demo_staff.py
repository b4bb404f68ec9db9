"""The demo city's staff at work, by the services and with the rights that everybody has.

Nothing is done that the desk could not do: what the services refuse is left for the visitor.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import ParamSpec

from django.db.models import QuerySet
from django.db.models.functions import Mod

from otklik.cases.enums import WORKED_STATUSES, AnswerState, CaseKind, Outcome, Status, Verdict
from otklik.cases.models import Answer, Case, CaseMessage
from otklik.cases.services import answering, assigning, closing, controlling, showing
from otklik.cases.services.moving import IllegalMove, Overtaken
from otklik.channels.enums import Decision
from otklik.channels.models import Message
from otklik.channels.queries import operator_queue
from otklik.intake.sorting import AlreadySorted, open_case_by_hand, set_aside
from otklik.org.access import Access, Permission, Refused, access_of
from otklik.org.enums import Role
from otklik.org.models import Department, Municipality, Official, Topic
from otklik.posts.models import Post, Rubric
from otklik.posts.services.publishing import Words, publish
from otklik.simulators.town.library import Library, PostText

P = ParamSpec("P")
NEGLECTED = 11
"""Every eleventh case is left to the visitor for good, so that something is overdue."""
_IN_THE_WAY = (showing.NotForPublic, Refused, IllegalMove, Overtaken, AlreadySorted, ValueError)
_CALM = {"thanks", "greeting", "venting", "spam", "abuse"}


class Staff:
    """Everybody who works for the demo city."""

    def __init__(self, city: Municipality, library: Library, rng: Random) -> None:
        self.city = city
        self._library = library
        self._rng = rng
        people = Official.objects.filter(municipality=city, is_active=True).order_by("id")
        self._accesses = [access_of(official) for official in people]
        self._topics = {topic.code: topic for topic in Topic.objects.filter(municipality=city)}
        self._fallback = Department.objects.get(municipality=city, code="administration")

    def publish(self, post: PostText, *, now: datetime) -> Post:
        """Publish a post in the head's name."""
        words = Words(title=post.title, text=post.text, rubric=Rubric(post.rubric))
        return publish(self.with_role(Role.HEAD), words, now=now)

    def sort(self, limit: int, *, now: datetime) -> int:
        """Have the operator decide about messages that the rules left to a person; returns how many."""
        operator = self.with_role(Role.OPERATOR)
        waiting = list(operator_queue(self.city.pk).order_by("id")[:limit])
        return sum(self._sort_one(operator, message, now) for message in waiting)

    def assign(self, *, now: datetime) -> int:
        """Have the curator give cases without a department to one; returns how many."""
        curator = self.with_role(Role.CURATOR)
        cases = Case.objects.filter(municipality=self.city, status__in=[Status.NEW, Status.TRIAGE, Status.RETURNED])
        done = 0
        for case in cases.select_related("topic__department"):
            department = case.topic.department if case.topic is not None else None
            if case.status == Status.RETURNED and department == case.department:
                department = self._fallback
            done += self._tried(assigning.assign, curator, case, department or self._fallback, now=now, reason="")
        return done

    def waiting_for_work(self) -> QuerySet[Case]:
        """Return the cases that somebody may begin to answer, oldest first, without those left to the visitor."""
        worked = sorted(WORKED_STATUSES - {Status.POSTPONED, Status.WAITING_RESIDENT})
        cases = Case.objects.filter(municipality=self.city, status__in=worked, department__isnull=False)
        return cases.annotate(left_over=Mod("number", NEGLECTED)).exclude(left_over=0).order_by("id")

    def waiting_for_approval(self) -> QuerySet[Case]:
        """Return the cases whose answer waits for another person, oldest first."""
        return Case.objects.filter(
            municipality=self.city, status=Status.APPROVAL, answers__state=AnswerState.SUBMITTED
        ).order_by("id")

    def begin(self, case: Case, *, now: datetime) -> bool:
        """Have an executor take a case."""
        executor = self.allowed(Permission.CASE_DRAFT, case, Role.EXECUTOR)
        return executor is not None and self._tried(assigning.take, executor, case, now=now)

    def draft(self, case: Case, *, now: datetime, submit: bool = True) -> bool:
        """Have an executor write an answer and, unless it stays a draft, hand it to an approver."""
        executor = self.allowed(Permission.CASE_DRAFT, case, Role.EXECUTOR)
        if executor is None:
            return False
        text, outcome = self._words(case)
        done = self._tried(answering.write_draft, executor, case, text, outcome, now=now)
        return done and (not submit or self._tried(answering.submit, executor, case, now=now))

    def approve(self, case: Case, *, now: datetime) -> bool:
        """Have somebody who may approve the answer do so: not its author, not the approver whose answer didn't help."""
        for access in self._accesses:
            may = access.roles & {Role.APPROVER, Role.HEAD} and access.allows(
                Permission.CASE_APPROVE, case.department_id
            )
            if may and self._tried(answering.approve, access, case, now=now):
                return True
        return False

    def decline(self, case: Case, *, now: datetime) -> bool:
        """Have the approver send a draft back."""
        approver = self.allowed(Permission.CASE_APPROVE, case, Role.APPROVER)
        remark = "Добавьте, пожалуйста, срок и имя ответственного: человек спрашивает, когда."
        return approver is not None and self._tried(answering.decline, approver, case, remark, now=now)

    def give_back(self, case: Case, *, now: datetime) -> bool:
        """Have an executor return a case that isn't the department's."""
        executor = self.allowed(Permission.CASE_DRAFT, case, Role.EXECUTOR)
        reason = "Участок обслуживает область, не город: прошу передать дорожному управлению."
        return executor is not None and self._tried(assigning.give_back, executor, case, reason, now=now)

    def answer_as_head(self, case: Case, *, now: datetime) -> bool:
        """Have the head answer in her own name."""
        text, outcome = self._words(case)
        return self._tried(answering.answer_as_head, self.with_role(Role.HEAD), case, text, outcome, now=now)

    def control(self, case: Case, *, now: datetime) -> bool:
        """Have the head's aide put a case under personal control."""
        return self._tried(controlling.set_control, self.with_role(Role.AIDE), case, now=now)

    def release(self, case: Case, *, now: datetime) -> bool:
        """Have the head let a case go from personal control."""
        return self._tried(controlling.clear_control, self.with_role(Role.HEAD), case, now=now)

    def show(self, case: Case, *, now: datetime) -> bool:
        """Have the operator let everybody see a case whose message everybody could read."""
        operator = self.with_role(Role.OPERATOR)
        return self._tried(lambda: showing.make_public(operator, case, showing.as_found(case), now=now))

    def rate(self, case: Case, *, now: datetime) -> bool:
        """Have the resident rate the answer, better where it helped."""
        stars = self._rng.choice((4, 5, 5) if case.verdict == Verdict.SOLVED else (2, 3, 4))
        attitude = min(5, stars + self._rng.choice((0, 0, 1)))
        return self._tried(closing.rate, case, attitude, stars, now=now)

    def _sort_one(self, operator: Access, message: Message, now: datetime) -> bool:
        guesses = [code for code in message.verdict.get("top3", []) if code in self._topics]
        if message.speech in _CALM or not guesses:
            reason = "человек выговорился, вопроса нет" if message.speech == "venting" else "вопроса к городу нет"
            return self._tried(set_aside, operator, message, Decision.NO_ANSWER, reason, now=now)
        return self._tried(open_case_by_hand, operator, message, self._topics[guesses[0]], now=now)

    def _words(self, case: Case) -> tuple[str, Outcome]:
        first = CaseMessage.objects.filter(case=case).select_related("message__identity").order_by("id").first()
        message = first.message if first is not None else None
        language = message.language if message is not None else ""
        name = message.identity.display_name.split(" ")[0] if message is not None and message.identity else ""
        name = name if case.message_count == 1 else ""  # several people read one answer: it greets nobody by name
        topic = case.topic.code if case.topic is not None else ""
        before = Answer.objects.filter(case=case, state=AnswerState.SENT).exists()
        to = "again" if before else "" if case.kind == CaseKind.REQUEST else "question"
        answer = self._library.answer_to(topic, language, self._rng, to=to)
        if language == "en":
            greeting, text = (f"{name}, good day!" if name else "Good day!"), answer.en
        else:
            greeting, text = (f"{name}, здравствуйте!" if name else "Здравствуйте!"), answer.text
        if case.kind == CaseKind.IDEA and language != "en" and not before:
            text = "Спасибо за мысль! Обсудим на совете по благоустройству в среду и расскажем здесь, что решили."
        return f"{greeting} {text}", Outcome(answer.outcome)

    def with_role(self, role: Role) -> Access:
        """Return somebody with a role."""
        return next(access for access in self._accesses if role in access.roles)

    def allowed(self, permission: Permission, case: Case, role: Role) -> Access | None:
        """Return somebody with a role who may do this with a case."""
        fitting = (a for a in self._accesses if role in a.roles and a.allows(permission, case.department_id))
        return next(fitting, None)

    @staticmethod
    def _tried(service: Callable[P, object], *arguments: P.args, **named: P.kwargs) -> bool:
        """Return whether a service let it happen."""
        try:
            service(*arguments, **named)
        except _IN_THE_WAY:
            return False
        return True


def unanswered(city: Municipality) -> int:
    """Return how many cases still wait for the city."""
    return Case.objects.filter(municipality=city, status__in=sorted(WORKED_STATUSES | {Status.APPROVAL})).count()
