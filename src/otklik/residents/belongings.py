"""Everything that is kept of one person, and nothing of anybody else. Reads only.

A person is a Resident: the accounts in networks that are theirs by proof, an account of the site, and what came from
them. An official's link of two accounts is no proof: that it was made is told, the other account is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q

from otklik.cases.enums import AnswerState
from otklik.cases.models import Answer, Case, CaseMessage
from otklik.cases.photos import CasePhoto
from otklik.cases.privacy import without_people
from otklik.cases.publicity import names_in
from otklik.cases.queries import case_by_code
from otklik.channels.enums import OUR_FORMS, Network
from otklik.channels.models import Identity, Message, MessageFile, Resident
from otklik.channels.queries import contact_in, with_files
from otklik.media.enums import FileState
from otklik.media.models import StoredFile
from otklik.org.models import Municipality
from otklik.residents.addresses import digest, masked, tidy, tidy_phone
from otklik.residents.links import IdentityLink
from otklik.residents.models import Account, ResidentMail, Subscription, Tie
from otklik.residents.queries import address_of


class NotKnown(ValueError):
    """Nobody is known here by what was asked for; the message says so in one sentence."""


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose data is asked for, and by what (as it may stand in the audit log)."""

    municipality: Municipality
    asked_by: str
    resident: Resident | None = None
    account: Account | None = None
    address_digest: str = ""


@dataclass(slots=True)
class Belongings:
    """What is kept of a person, as plain values for JSON, and the files by their names in the copy."""

    data: dict[str, Any]
    files: dict[str, StoredFile] = field(default_factory=dict)


def whose_account(account: Account) -> Whose:
    """Return the person of an account."""
    return Whose(account.municipality, masked(address_of(account)), account.resident, account, account.address_digest)


def whose_case(city: Municipality, code: str) -> Whose:
    """Return the person whose case a private code opens. Raises NotKnown."""
    try:
        case = case_by_code(city.pk, code.strip().lower())
    except Case.DoesNotExist as error:
        raise NotKnown("there is no case with this code") from error
    if case.resident is None:
        raise NotKnown(f"nobody is known to have opened № {case.number}")
    return _of_resident(city, case.resident, f"№ {case.number}")


def whose_identity(city: Municipality, address: str) -> Whose:
    """Return the person of `channel:external id`, as `telegram:77`. Raises NotKnown."""
    network, colon, external = address.strip().partition(":")
    if not colon or network not in Network.values:
        known = ", ".join(Network.values)
        raise NotKnown(f"an account is written as network:id, as telegram:77; networks: {known}")
    found = Identity.objects.filter(municipality=city, network=network, external_id=external)
    identity = found.select_related("resident").first()
    if identity is None:
        raise NotKnown(f"nobody wrote to this city from {network}:{external}")
    return _of_resident(city, identity.resident, f"{network}:{external}")


def whose_address(city: Municipality, address: str) -> Whose:
    """Return whose account, or whose letters, an e-mail address or a phone is of. Raises NotKnown."""
    try:
        kept = tidy(address) if "@" in address else tidy_phone(address)
    except ValidationError as error:
        raise NotKnown("this is neither an e-mail address nor a phone") from error
    who = digest("address", city.pk, kept)
    account = Account.objects.filter(municipality=city, address_digest=who).select_related("resident").first()
    if account is not None:
        return Whose(city, masked(kept), account.resident, account, who)
    if not Subscription.objects.filter(municipality=city, address_digest=who).exists():
        raise NotKnown("nobody here has this address: neither an account nor letters about a case")
    return Whose(city, masked(kept), address_digest=who)


def _of_resident(city: Municipality, resident: Resident, asked_by: str) -> Whose:
    account = Account.objects.filter(resident=resident).first()
    return Whose(city, asked_by, resident, account, account.address_digest if account is not None else "")


def belongings_of(whose: Whose, *, now: datetime) -> Belongings:
    """Return everything kept of a person. As many queries for one message as for thousands. Raises WrongKey.

    Of a case that others opened, its number and state, and the answers without those others; never its private code.
    """
    found = Belongings({"city": whose.municipality.name, "made_at": _at(now), "asked_by": whose.asked_by})
    found.data |= _of_account(whose.account)
    found.data |= _letters(whose)
    if whose.resident is not None:
        found.data["name"] = whose.resident.display_name
        found.data |= _accounts(whose.resident)
        found.data["cases"] = _cases(whose.resident, found)
        found.data["messages"] = _messages(whose.resident, found)
    return found


def _of_account(account: Account | None) -> dict[str, Any]:
    if account is None:
        return {}
    return {
        "address": address_of(account),
        "since": _at(account.created_at),
        "language": account.language,
        "passkeys": [
            {"name": key.name, "since": _at(key.created_at), "used_at": _at(key.used_at)}
            for key in account.passkeys.order_by("id")
        ],
        "signed_in": [
            {"since": _at(one.created_at), "until": _at(one.expires_at)} for one in account.sessions.order_by("id")
        ],
    }


def _letters(whose: Whose) -> dict[str, Any]:
    if not whose.address_digest:
        return {}
    mine = {"municipality": whose.municipality, "address_digest": whose.address_digest}
    asked = Subscription.objects.filter(**mine).select_related("case").order_by("-id")
    sent = ResidentMail.objects.filter(**mine).order_by("id")
    return {
        "letters_about": [row.case.number for row in asked if row.confirmed_at is not None],
        "letters_asked": [{"case": row.case.number, "asked_at": _at(row.asked_at)} for row in asked],
        "letters_sent": [{"kind": row.kind, "state": row.state, "at": _at(row.created_at)} for row in sent],
    }


def _accounts(resident: Resident) -> dict[str, Any]:
    own = list(Identity.objects.filter(resident=resident).order_by("id"))
    ties = Tie.objects.filter(resident=resident).select_related("identity", "case").order_by("id")
    ids = [one.pk for one in own]
    notes = IdentityLink.objects.filter(Q(one__in=ids) | Q(other__in=ids)).order_by("id")
    return {
        "accounts": [
            {
                "network": one.network,
                "id": one.external_id,
                "name": one.display_name,
                "handle": one.handle,
                "url": one.url,
                "since": _at(one.first_seen_at),
            }
            for one in own
        ],
        "linked": [
            {"network": tie.identity.network, "name": str(tie.identity), "since": _at(tie.tied_at)}
            for tie in ties
            if tie.identity is not None and tie.untied_at is None
        ],
        "ties": [
            {
                "of": f"№ {tie.case.number}" if tie.case is not None else str(tie.identity),
                "proof": tie.proof,
                "since": _at(tie.tied_at),
                "until": _at(tie.untied_at),
            }
            for tie in ties
        ],
        "taken_for_one_person": [{"since": _at(row.linked_at), "until": _at(row.unlinked_at)} for row in notes],
    }


def _cases(resident: Resident, found: Belongings) -> list[dict[str, Any]]:
    told = CaseMessage.objects.filter(message__identity__resident=resident).values("case")
    tied = set(
        Tie.objects.filter(resident=resident, case__isnull=False, untied_at=None).values_list("case_id", flat=True)
    )
    rows = Case.objects.filter(Q(pk__in=told) | Q(pk__in=tied), municipality=resident.municipality_id)
    cases = list(rows.select_related("topic", "appraisal").order_by("id"))
    own = {case.pk for case in cases if case.resident_id == resident.pk or case.pk in tied}
    answers: dict[int, list[Answer]] = {}
    for answer in Answer.objects.filter(case__in=cases, state=AnswerState.SENT).order_by("id"):
        answers.setdefault(answer.case_id, []).append(answer)
    photos = CasePhoto.objects.filter(case__in=own, answer__state=AnswerState.SENT).select_related("file")
    for photo in photos.order_by("id"):
        _take(found, photo.file, f"answers/{photo.pk}")
    return [_case(case, answers.get(case.pk, []), is_own=case.pk in own) for case in cases]


def _case(case: Case, answers: Sequence[Answer], *, is_own: bool) -> dict[str, Any]:
    others = [] if is_own else names_in(case)
    appraisal = getattr(case, "appraisal", None)
    told: dict[str, Any] = {
        "number": case.number,
        "is_own": is_own,
        "opened_at": _at(case.opened_at),
        "status": case.status,
        "outcome": case.outcome,
        "topic": case.topic.name if case.topic is not None else "",
        "answers": [
            {"text": one.text if is_own else without_people(one.text, others), "sent_at": _at(one.sent_at)}
            for one in answers
        ],
    }
    if not is_own:
        return told
    return told | {
        "link": f"{settings.ENVIRONMENT.public_url}/case/{case.code}/",
        "summary": case.summary,
        "place": case.place_text,
        "is_public": case.is_public,
        "agreed_to_be_public": case.resident_agreed,
        "verdict": case.verdict,
        "rating": case.rating,
        "treated": appraisal.attitude if appraisal is not None else None,
        "came_of_it": appraisal.result if appraisal is not None else None,
    }


def _messages(resident: Resident, found: Belongings) -> list[dict[str, Any]]:
    rows = (
        Message.objects.filter(identity__resident=resident)
        .select_related("channel", "case_message__case", "delivery")
        .prefetch_related("versions", with_files())
        .order_by("id")
    )
    return [_message(row, found) for row in rows]


def _message(row: Message, found: Belongings) -> dict[str, Any]:
    told = getattr(row, "case_message", None)
    from_site = row.channel.network in OUR_FORMS and row.delivery is not None
    return {
        "network": row.channel.network,
        "kind": row.kind,
        "everybody_could_read_it": row.is_public,
        "text": row.text,
        "written_at": _at(row.occurred_at),
        "edited_at": _at(row.edited_at),
        "deleted_at": _at(row.deleted_at),
        "case": told.case.number if told is not None else None,
        "contact": contact_in(bytes(row.delivery.body)) if from_site and row.delivery is not None else "",
        "understood_as": {"kind": row.speech, "topic": row.topic_code, "language": row.language},
        "earlier": [
            {"text": one.text, "replaced_at": _at(one.replaced_at)}
            for one in sorted(row.versions.all(), key=lambda one: one.pk)
        ],
        "files": _files(row.files.all(), found) if row.deleted_at is None else [],
    }


def _files(rows: Iterable[MessageFile], found: Belongings) -> list[dict[str, str]]:
    return [
        {"name": row.filename, "file": _take(found, row.file, f"files/{row.pk}"), "description": row.alt}
        for row in rows
    ]


def _take(found: Belongings, file: StoredFile | None, name: str) -> str:
    """Note a file for the copy and return its name there; nothing for one that nobody may see."""
    if file is None or file.state != FileState.READY:
        return ""
    suffix = _SUFFIXES.get(file.mime, "")
    found.files[f"{name}{suffix}"] = file
    return f"{name}{suffix}"


_SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "video/mp4": ".mp4",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "application/pdf": ".pdf",
}


def _at(moment: datetime | None) -> str:
    return moment.isoformat() if moment is not None else ""
