"""What the city says by itself: acknowledgements, in the resident's language, short and concrete."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from otklik.cases.formal import AppealRules
from otklik.cases.models import Case
from otklik.channels.models import Message
from otklik.org.emergencies import advice
from otklik.org.models import Municipality, OutsideBody
from otklik.org.queries import Directory

_WEEKDAYS_RU = ("понедельника", "вторника", "среды", "четверга", "пятницы", "субботы", "воскресенья")
_WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def acknowledgement(case: Case, directory: Directory, message: Message, language: str) -> str:
    """Return "we have it": who answers, until when, and where to follow.

    The private link goes only where nobody else reads; in public the number says enough.
    """
    english = language == "en"
    until = _until(case.answer_due_at, directory.municipality, english=english)
    number = f"№ {case.number}"
    if english:
        who = "We have passed this on to the right people." if case.department_id else "We have your message."
        text = f"{who} You will have an answer by {until}. Your case is {number}."
    else:
        who = "Передали тем, кто за это отвечает." if case.department_id else "Сообщение у нас."
        text = f"{who} Ответят до {until}. Ваше дело: {number}."
    if message.is_public:
        return text
    link = f"{settings.ENVIRONMENT.public_url}/case/{case.code}/"
    return f"{text} {'Follow it here' if english else 'Следить можно здесь'}: {link}"


def emergency_acknowledgement(case: Case, municipality: Municipality, language: str, danger: str = "") -> str:
    """Return what to do and whom to call first: a deadline doesn't help where life is in danger.

    `danger` is triage's code; without one the words are general. Whoever may harm themselves is told of no case.
    """
    words = advice(danger, municipality, language)
    if danger == "suicide":
        return words
    if language == "en":
        return f"{words} We have passed this on as urgent: № {case.number}."
    return f"{words} Мы уже передали это как срочное: № {case.number}."


def crowd_acknowledgement(case: Case, directory: Directory) -> str:
    """Return what is said once under a post when many write at once: all of it is here, who answers, until when."""
    city = directory.municipality
    english = city.language == "en"
    until = _until(case.answer_due_at, city, english=english)
    if english:
        return (
            "Many of you write about this, and every message has reached us. We have passed them on to the right "
            f"people; you will have an answer by {until}. So as not to crowd out the talk, we don't confirm each one."
        )
    return (
        "Об этом пишут многие, и все сообщения у нас. Передали тем, кто за это отвечает; ответим до "
        f"{until}. Чтобы не засорять разговор, отдельно каждому «приняли» не пишем."
    )


def redirecting(body: OutsideBody, language: str) -> str:
    """Return a first draft of "another body answers for this", with how to reach it; people finish and approve it."""
    if language == "en":
        name, about = body.name_en or body.name, body.answers_for_en or body.answers_for
        text = "Hello! The city doesn't decide this, and we don't want to keep you waiting."
        return f"{text} {name} answers for {about}. Here is how to reach them: {body.contacts}."
    text = "Здравствуйте! Город это не решает, и мы не хотим, чтобы вы ждали зря."
    return f"{text} За это отвечает {body.name} ({body.answers_for}). Обратиться можно так: {body.contacts}."


def takes_longer(due_at: datetime, name: str, municipality: Municipality, language: str) -> str:
    """Return a first draft of "it takes longer, until then"; what is being done only people know, who finish it."""
    english = language == "en"
    first, until = name.split(" ", maxsplit=1)[0], _until(due_at, municipality, english=english)
    if english:
        return (
            f"Hello{', ' + first if first else ''}! We are working on this, and it takes longer than we said: please "
            f"excuse us. You will have an answer by {until}."
        )
    return (
        f"{first + ', здравствуйте' if first else 'Здравствуйте'}! Занимаемся вашим вопросом, но времени нужно больше, "
        f"чем мы обещали: извините. Ответим до {until}."
    )


def new_link(case: Case, language: str) -> str:
    """Return that the private link of a case is another one now."""
    link = f"{settings.ENVIRONMENT.public_url}/case/{case.code}/"
    if language == "en":
        return f"The link to your case № {case.number} has changed, the old one opens nothing now. The new one: {link}"
    return f"Ссылка на ваше дело № {case.number} изменилась, прежняя больше ничего не открывает. Новая: {link}"


def correcting(text: str, language: str) -> str:
    """Return corrected words as they follow an answer that can't be changed where it stands."""
    return f"{'Correction' if language == 'en' else 'Исправление'}. {text}"


def appeal_text(case: Case, rules: AppealRules, words: str, place: str) -> str:
    """Return a text for a resident to begin a formal appeal from, in the city's language; they finish and send it."""
    city = case.municipality
    opened = case.opened_at.astimezone(ZoneInfo(city.timezone))
    if city.language == "en":
        where = f"Place: {place}.\n" if place else ""
        return (
            f"To the administration of {city.name_en or city.name}\n\n"
            f"I ask you to consider the following as a formal appeal ({rules.law_en or rules.law}).\n\n"
            f"{words}\n\n{where}"
            f"I wrote to the city about it on {opened.day} {opened:%B %Y}: case № {case.number}.\n"
            "Please answer me in writing at the address that I give in the form."
        )
    where = f"Место: {place}.\n" if place else ""
    return (
        f"В администрацию: {city.name}\n\n"
        f"Прошу рассмотреть как официальное обращение ({rules.law}).\n\n{words}\n\n{where}"
        f"Городу об этом сообщали {opened:%d.%m.%Y}: дело № {case.number}.\n"
        "Прошу ответить письменно по адресу, который указан в форме."
    )


def language_of(case: Case) -> str:
    """Return the language that the resident wrote in, else the city's own (one query)."""
    told = Message.objects.filter(case_message__case=case, is_ours=False).order_by("id")
    return told.values_list("language", flat=True).first() or case.municipality.language


def _until(instant: datetime | None, municipality: Municipality, *, english: bool) -> str:
    if instant is None:
        return "the end of the week" if english else "конца недели"
    local = instant.astimezone(ZoneInfo(municipality.timezone))
    days = _WEEKDAYS_EN if english else _WEEKDAYS_RU
    if english:
        return f"{days[local.weekday()]} {local.day} {local:%b}, {local:%H:%M}"
    return f"{days[local.weekday()]}, {local:%d.%m}, {local:%H:%M}"
