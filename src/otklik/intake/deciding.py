"""What becomes of each new message. Rules read top to bottom; the first that fits decides, and says why."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from otklik.cases.enums import EMERGENCY, CaseKind, Status
from otklik.cases.models import Case
from otklik.cases.queries import open_on_same_problem
from otklik.cases.services.opening import Opening
from otklik.channels.enums import Decision, MessageKind
from otklik.channels.models import Message
from otklik.channels.services.ingesting import Batch
from otklik.channels.whys import Why, stored
from otklik.intake.folding import Folding, is_blocked
from otklik.intake.recognising import Earlier, Recollection, Told
from otklik.intake.returns import cases_of_conversations
from otklik.org.models import Place, Topic
from otklik.org.queries import Directory
from otklik.pulse.scopes import street_key
from otklik.residents.services.proving import said_in
from otklik.triage import Kind, Verdict, normalise_place
from otklik.triage.alike import SAME_HOUSE, SUGGESTED

_SUGGESTIONS = 3
"""Open cases that a person is shown beside a new message, the likest."""

_SURELY: Final = 0.45
"""Thanks that are less likely than that may be the last words of a request: a person decides."""

_UNDERSTOOD: Final = frozenset({"ru", "en", "und"})
"""Languages that triage has words of; without words it goes by emoji. A greeting in another may begin a request."""

_OWED = {Kind.REQUEST: CaseKind.REQUEST, Kind.QUESTION: CaseKind.QUESTION, Kind.IDEA: CaseKind.IDEA}

Conversation = tuple[int, int | None, str]
"""A thread, a person in it, and the first words it hangs on (none in direct messages: they are one conversation)."""


@dataclass
class Decisions:
    """What is to be done about a batch of messages."""

    openings: list[Opening] = field(default_factory=list)
    joins: list[tuple[Case, Message, str]] = field(default_factory=list)
    joins_to_told: list[tuple[Told, Message, str]] = field(default_factory=list)
    joins_to_new: list[tuple[Message, Message, str]] = field(default_factory=list)
    verdicts: list[tuple[Case, Message, bool]] = field(default_factory=list)
    suggestions: list[tuple[Message, Earlier]] = field(default_factory=list)
    link_words: list[Message] = field(default_factory=list)


def decide(
    batch: Batch,
    verdicts: Mapping[str, Verdict],
    directory: Directory,
    recollection: Recollection,
    *,
    version: int = 0,
    floods: Collection[str] = (),
) -> Decisions:
    """Set each new message's decision with its reason, and return what follows from it.

    `version` is what the verdicts were made with (teaching.models.Version; 0: what came with the product). `floods` are
    the keys of what one person wrote beyond the most (channels.services.flooding).
    """
    messages = [message for message in batch.from_residents if message.object_key in verdicts]
    for message in messages:
        keep_verdict(message, verdicts[message.object_key], version)
    desk = _Desk(directory, messages, verdicts, recollection)
    desk.folding = Folding([message for message in messages if message.object_key in floods])
    for message in messages:
        if message.deleted_at is not None:
            _set(message, Decision.NO_ANSWER, Why.DELETED)
            continue
        desk.decide(
            message, verdicts[message.object_key], may_publish=bool(batch.told_besides(message).get("may_publish"))
        )
    return desk.decisions


class _Desk:
    """One batch on the sorting desk: what is open already, and what this batch opens itself."""

    def __init__(
        self,
        directory: Directory,
        messages: Sequence[Message],
        verdicts: Mapping[str, Verdict],
        recollection: Recollection,
    ) -> None:
        self.directory = directory
        self.recollection = recollection
        self.decisions = Decisions()
        self.conversations = cases_of_conversations(directory.municipality.pk, messages)
        self.places = {m.object_key: _place_of(verdicts[m.object_key], directory) for m in messages}
        pairs = {
            (topic.pk, self.places[m.object_key][1])
            for m in messages
            if (topic := self._topic(verdicts[m.object_key])) is not None and self.places[m.object_key][1]
        }
        self.same_problem = open_on_same_problem(directory.municipality.pk, pairs)
        self.new_by_problem: dict[tuple[int, str], Message] = {}
        self.new_by_conversation: dict[Conversation, Message] = {}
        self.folding = Folding(())

    def decide(self, message: Message, verdict: Verdict, *, may_publish: bool) -> None:
        if message.kind == MessageKind.DIRECT_MESSAGE and said_in(message.text) is not None:
            self.decisions.link_words.append(message)
            return _set(message, Decision.NO_ANSWER, Why.LINKS)
        if verdict.kind is Kind.SPAM:
            return _set(message, Decision.SPAM, Why.SPAM)
        if self._continues(message, verdict):
            return None
        if verdict.urgency < EMERGENCY and self._holds_back(message, verdict):
            return None
        earlier = self.recollection.earlier(message)
        if self._repeats(message, verdict, earlier):
            return None
        topic = self._topic(verdict)
        if verdict.urgency >= EMERGENCY:
            return self._open(message, verdict, topic, earlier, may_publish=may_publish)
        if _asks_nothing(verdict):
            return _set(message, Decision.NO_ANSWER, Why.NOT_OWED, kind=verdict.kind.value)
        if verdict.kind not in _OWED:
            return _set(message, Decision.OPERATOR, Why.PERSON_DECIDES, kind=verdict.kind.value)
        if self._echoes(message, earlier):
            return None
        if topic is None:
            self._suggest(message, earlier)
            return _set(message, Decision.OPERATOR, Why.NOT_SURE)
        if self._joins(message, topic):
            return None
        return self._open(message, verdict, topic, earlier, may_publish=may_publish)

    def _continues(self, message: Message, verdict: Verdict) -> bool:
        """Whether the message goes on with a case of the same person in the same conversation."""
        key = conversation_of(message)
        first = self.new_by_conversation.get(key)
        if first is not None:
            _set(message, Decision.JOINED, Why.SAME_CONVERSATION)
            self.decisions.joins_to_new.append((first, message, message.decision_reason))
            return True
        case = self.conversations.get(key)
        if case is None:
            return False
        if case.status == Status.ANSWERED:
            solved = _asks_nothing(verdict)
            self.decisions.verdicts.append((case, message, solved))
            if solved:
                _set(message, Decision.NO_ANSWER, Why.CONTENT)
                return True
            self.conversations.pop(key)
        # Whatever they say after we asked them is their reply, also where it reads like a matter of its own.
        spoken_to = case.status in (Status.ANSWERED, Status.WAITING_RESIDENT)
        if spoken_to or verdict.kind is not Kind.REQUEST or self._is_same_matter(case, verdict):
            _set(message, Decision.JOINED, Why.GOES_ON, case=case.number)
            self.decisions.joins.append((case, message, message.decision_reason))
            return True
        return False

    def _holds_back(self, message: Message, verdict: Verdict) -> bool:
        """Whether its author is blocked, or it is one of many of theirs within minutes: those beyond are one case."""
        if is_blocked(message):
            _set(message, Decision.NO_ANSWER, Why.BLOCKED)
            return True
        if not self.folding.holds(message) or _asks_nothing(verdict):
            return False
        case, first = self.folding.case_of(message), self.folding.opened.get(message.identity_id)
        if case is not None:
            _set(message, Decision.JOINED, Why.FLOOD, case=case.number)
            self.decisions.joins.append((case, message, message.decision_reason))
        elif first is not None:
            _set(message, Decision.JOINED, Why.FLOOD_BEFORE)
            self.decisions.joins_to_new.append((first, message, message.decision_reason))
        else:
            self._open(message, verdict, self._topic(verdict), (), may_publish=False)
        return True

    def _repeats(self, message: Message, verdict: Verdict, earlier: Sequence[Earlier]) -> bool:
        """Whether the same person wrote the same word for word before, in whatever conversation."""
        for one in earlier:
            same_person = message.identity_id is not None and message.identity_id == one.message.identity_id
            if same_person and one.likeness.word_for_word and one.message.urgency >= verdict.urgency:
                return self._join(message, one, Why.SAME_WORDS, Why.SAME_WORDS_BEFORE)
        return False

    def _echoes(self, message: Message, earlier: Sequence[Earlier]) -> bool:
        """Whether somebody told the same word for word of the same house."""
        for one in earlier:
            if one.likeness.word_for_word and one.likeness.place == SAME_HOUSE:
                return self._join(message, one, Why.SAME_HOUSE, Why.SAME_HOUSE_BEFORE)
        return False

    def _join(self, message: Message, earlier: Earlier, told: Why, just_before: Why) -> bool:
        if isinstance(earlier.message, Told):
            _set(message, Decision.JOINED, told, case=earlier.message.case_number)
            self.decisions.joins_to_told.append((earlier.message, message, message.decision_reason))
        else:
            _set(message, Decision.JOINED, just_before)
            self.decisions.joins_to_new.append((earlier.message, message, message.decision_reason))
        return True

    def _suggest(self, message: Message, earlier: Sequence[Earlier]) -> None:
        """Keep what a person may join it with: never different people's messages by ourselves, but in one place."""
        near = [one for one in earlier if one.likeness.score >= SUGGESTED]
        self.decisions.suggestions += [(message, one) for one in near[:_SUGGESTIONS]]

    def _is_same_matter(self, case: Case, verdict: Verdict) -> bool:
        topic = self._topic(verdict)
        return topic is None or case.topic_id is None or topic.parent_id == self._group_of(case)

    def _group_of(self, case: Case) -> int | None:
        return next((topic.parent_id for topic in self.directory.topics.values() if topic.pk == case.topic_id), None)

    def _joins(self, message: Message, topic: Topic) -> bool:
        """Whether somebody told of the same problem at the same house already."""
        place_key = self.places[message.object_key][1]
        if not place_key:
            return False
        case, first = self.same_problem.get((topic.pk, place_key)), self.new_by_problem.get((topic.pk, place_key))
        if case is not None:
            _set(message, Decision.JOINED, Why.SAME_PROBLEM, case=case.number)
            self.decisions.joins.append((case, message, message.decision_reason))
        elif first is not None:
            _set(message, Decision.JOINED, Why.SAME_PROBLEM_BEFORE)
            self.decisions.joins_to_new.append((first, message, message.decision_reason))
        return case is not None or first is not None

    def _open(
        self,
        message: Message,
        verdict: Verdict,
        topic: Topic | None,
        earlier: Sequence[Earlier],
        *,
        may_publish: bool,
    ) -> None:
        self._suggest(message, earlier)
        opening = opening_of(message, verdict, self.directory, may_publish=may_publish)
        self.decisions.openings.append(opening)
        _set(message, Decision.OPENED, Why.OWED, kind=verdict.kind.value)
        self.recollection.note_opened(message)
        self.folding.opened[message.identity_id] = message
        self.new_by_conversation[conversation_of(message)] = message
        if topic is not None and opening.place_key:
            self.new_by_problem[topic.pk, opening.place_key] = message

    def _topic(self, verdict: Verdict) -> Topic | None:
        return _topic_of(verdict, self.directory)


def opening_of(message: Message, verdict: Verdict, directory: Directory, *, may_publish: bool = False) -> Opening:
    """Return how a case begins with a message that is owed an answer; what is no question and no idea is a request."""
    topic = _topic_of(verdict, directory)
    place, place_key, place_text = _place_of(verdict, directory)
    return Opening(
        message=message,
        kind=_OWED.get(verdict.kind, CaseKind.REQUEST),
        urgency=verdict.urgency,
        topic=topic,
        place=place,
        place_text=place_text,
        place_key=place_key,
        resident_agreed=may_publish,
        reason=f"{verdict.kind}, {topic.code if topic else 'topic not sure'}",
    )


def _topic_of(verdict: Verdict, directory: Directory) -> Topic | None:
    return directory.topics.get(verdict.topic) if verdict.topic else None


def _place_of(verdict: Verdict, directory: Directory) -> tuple[Place | None, str, str]:
    """Return the city's row for the place, its comparable key (only with a house), and its words."""
    found = verdict.place
    if found is None:
        return None, "", ""
    key = normalise_place(found.street, found.house) if found.street and found.house else ""
    street = directory.streets.get(found.street)
    words = f"{found.street}, {found.house}" if found.house else found.street if street is not None else found.raw
    return street, key, words


def _asks_nothing(verdict: Verdict) -> bool:
    """Return whether it is surely thanks or a greeting, in words that we know: nobody looks at those again."""
    known = verdict.language in _UNDERSTOOD
    return known and verdict.kind in (Kind.THANKS, Kind.GREETING) and verdict.kind_confidence >= _SURELY


def conversation_of(message: Message) -> Conversation:
    """Return which conversation a message belongs to."""
    root = "" if message.kind == MessageKind.DIRECT_MESSAGE else message.root_key
    return (message.thread_id, message.identity_id, root)


def _set(message: Message, decision: Decision, why: Why, **said: object) -> None:
    message.decision, message.decision_reason = decision, stored(why, **said)


VERDICT_FIELDS: Final = ("speech", "topic_code", "urgency", "language", "verdict")


def keep_verdict(message: Message, verdict: Verdict, version: int) -> None:
    """Write a verdict into a message's fields (VERDICT_FIELDS), in memory."""
    message.speech = verdict.kind.value
    message.topic_code = verdict.topic or ""
    message.urgency = verdict.urgency
    message.language = verdict.language[:5]
    message.verdict = {
        "version": version,
        "kind_confidence": round(verdict.kind_confidence, 3),
        "topic_confidence": round(verdict.topic_confidence, 3),
        "top3": list(verdict.topic_top3),
        "emergency": verdict.emergency or "",
        "tough": verdict.tough,
        "abuse": round(verdict.abuse, 3),
        "reasons": [[r.rule, r.said, r.speaks_for, round(r.weight, 2)] for r in verdict.reasons[:8]],
        **_street(verdict),
        **_departments(verdict),
        "personal_data": [[span.kind, span.start, span.end] for span in verdict.personal_data],
    }


def _departments(verdict: Verdict) -> dict[str, object]:
    """Return who decided on texts like it, for cases.offering; nothing where the city taught nothing of it."""
    sure = {"department": verdict.department} if verdict.department else {}
    return {"departments": [list(one) for one in verdict.department_top3], **sure} if verdict.department_top3 else {}


def _street(verdict: Verdict) -> dict[str, str]:
    """Return the street in comparable form, for counting, and as it was written; nothing where there is none."""
    named = verdict.place.street if verdict.place is not None else ""
    return {"street": street_key(named), "street_name": named[:120]} if named else {}
