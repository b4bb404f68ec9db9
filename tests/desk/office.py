"""The invented city with everybody who works at the desk, and a morning's worth of messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.test import Client

from otklik.cases.enums import CaseKind, Outcome, Sharing
from otklik.cases.models import Case
from otklik.cases.services.answering import submit, write_draft
from otklik.cases.services.opening import Opening, join_cases, open_cases
from otklik.cases.services.viewing import save_view
from otklik.channels.enums import Decision, MessageKind, OutgoingState
from otklik.channels.models import Delivery, Message, Outgoing
from otklik.channels.services.indexing import index_messages
from otklik.org.access import access_of
from otklik.org.enums import Role
from otklik.org.models import Official, Topic
from otklik.org.queries import directory_of
from otklik.org.services.founding import CityPlan, add_official, found_city
from tests.builders import cases_of_messages, signed_in
from tests.public.town import Town, make_town

VERDICT = {
    "kind_confidence": 0.97,
    "topic_confidence": 0.92,
    "top3": ["roads.pothole", "roads.other", "improvement.trees"],
    "reasons": [["phrase", "яму", "topic:roads.pothole", 2.5], ["phrase", "починят", "kind:request", 1.0]],
}


@dataclass
class Office:
    """The town, and who works in it."""

    town: Town
    operator: Official
    curator: Official
    aide: Official

    @property
    def head(self) -> Official:
        return self.town.head

    @property
    def executor(self) -> Official:
        return self.town.executor

    @property
    def approver(self) -> Official:
        return self.town.approver

    def browser(self, official: Official, language: str = "en") -> Client:
        """A browser in which this person is signed in, switched to a language."""
        client = signed_in(official)
        client.cookies["lang"] = language
        return client

    def case(
        self,
        text: str = "Яма на Мельничной, 7, пробил колесо",
        *,
        network: str = "vk",
        name: str = "Игорь Ветров",
        topic: str = "roads.pothole",
        place: str = "",
        urgency: int = 2,
        ago_h: float = 1,
        **said: object,
    ) -> Case:
        """A case opened for somebody's message, in the department of its topic."""
        message = self.town.say(
            network,
            text,
            name=name,
            ago_m=ago_h * 60,
            **{"topic_code": topic, "verdict": VERDICT, "urgency": urgency, "decision": Decision.OPENED, **said},
        )
        opening = Opening(
            message=message,
            kind=CaseKind.REQUEST,
            urgency=urgency,
            topic=Topic.objects.filter(municipality=self.town.city, code=topic).first(),
            place_text=place,
            place_key=place.lower(),
        )
        (case,) = open_cases([opening], directory_of(self.town.city), now=self.town.now - timedelta(hours=ago_h))
        return case

    def join(self, case: Case, text: str, *, network: str = "telegram", name: str = "Ольга", **said: object) -> Message:
        """One more voice in a case."""
        message = self.town.say(network, text, name=name, decision=Decision.JOINED, **said)
        join_cases([(case, message, "same topic and place")], now=self.town.now)
        case.refresh_from_db()
        return message

    def unsorted(self, text: str = "И так сойдёт?", *, network: str = "vk", **said: object) -> Message:
        """A message that waits for an operator."""
        values = {
            "name": "Пётр",
            "decision": Decision.OPERATOR,
            "decision_reason": "not sure what it is about: a person sorts it",
            "verdict": {**VERDICT, "topic_confidence": 0.31},
            **said,
        }
        return self.town.say(network, text, **values)

    def stuck(self, case: Case, *, state: str = OutgoingState.UNKNOWN, error: str = "no answer in 10 s") -> Outgoing:
        """Something that was not sent, or nobody is certain of."""
        message = Message.objects.filter(case_message__case=case).first()
        return Outgoing.objects.create(
            municipality=self.town.city,
            channel=message.channel,
            thread=message.thread,
            reply_to=message,
            idempotency_key=f"answer:stuck:{Outgoing.objects.count()}",
            kind="comment_reply",
            text="Засыпали, в четверг закатаем асфальтом.",
            state=state,
            error=error,
            due_at=self.town.now,
            created_at=self.town.now - timedelta(hours=2),
        )


def make_office(town: Town | None = None) -> Office:
    """Found the city and give it an operator, a curator and the head's aide beside the town's own people."""
    town = town or make_town()
    return Office(
        town=town,
        operator=add_official(
            town.city, email="operator@town.example", full_name="Вера Лугова", roles=[(Role.OPERATOR, None)]
        ),
        curator=add_official(
            town.city, email="curator@town.example", full_name="Семён Кленов", roles=[(Role.CURATOR, None)]
        ),
        aide=add_official(town.city, email="aide@town.example", full_name="Лидия Рябинина", roles=[(Role.AIDE, None)]),
    )


def make_stranger() -> Official:
    """Somebody who may do everything with cases, in another city."""
    city = found_city(CityPlan(slug="zarechye", name="Заречье", head_name="Борис Ключевой"))
    roles = [(role, None) for role in (Role.CURATOR, Role.APPROVER, Role.HEAD, Role.PRIVACY)]
    return add_official(city, email="stranger@other.example", full_name="Борис Ключевой", roles=roles)


def furnish(office: Office) -> dict[str, str]:
    """Fill the desk with a morning's life; returns the addresses worth looking at, by name."""
    town = office.town
    post = town.post("Детская площадка на Садовой: горки уже стоят, осталось покрытие", "Текст.", ago_h=5)
    for number, (text, network, topic, place, urgency, ago) in enumerate(
        (
            (
                "Когда вывезут ветки с Липовой? Второй месяц лежат у дома 3.",
                "site",
                "improvement.trees",
                "ул. Липовая, 3",
                1,
                30,
            ),
            (
                "Спасибо, но автобус № 3 опять не пришёл в 7:40, дети опоздали.",
                "telegram",
                "transport.schedule",
                "Вокзальная",
                2,
                12,
            ),
            (
                "Третий день холодные батареи, Лесная 18, второй подъезд. Дома маленький ребёнок.",
                "vk",
                "utilities.heating",
                "ул. Лесная, 18",
                3,
                5,
            ),
            ("Мусор не вывозят с площадки на Рябиновой 4", "vk", "roads.other", "ул. Рябиновая, 4", 2, 4),
            ("Не горит фонарь на остановке «Фонтанная»", "site", "improvement.lighting", "ул. Фонтанная", 2, 3),
            ("Будет ли каток на Ратушной этой зимой?", "telegram", "roads.other", "пл. Ратушная", 1, 2),
        )
    ):
        office.case(
            text, network=network, topic=topic, place=place, urgency=urgency, ago_h=ago, name=f"Житель {number}"
        )
    ask = office.case(
        "А когда починят яму у въезда во двор, Садовая 12? Коляску не провезти.",
        name="Олег Ручьёв",
        post=post,
        place="ул. Садовая, 12",
        ago_h=2.5,
        attachments=[{"kind": "photo", "filename": "яма.jpg"}],
    )
    first = Message.objects.get(case_message__case=ask)
    town.say(
        "vk",
        "Передали тем, кто за это отвечает. Ответят до вторника, 18:00. Ваше дело: № 7.",
        to=first,
        post=post,
        is_ours=True,
        is_automated=True,
        decision=Decision.OWN,
        ago_m=149,
    )
    town.say("vk", "Там и правда колесо оставить можно, поддерживаю!", name="Денис", to=first, post=post, ago_m=120)
    office.join(
        ask,
        "Садовая 12, яма во дворе. Сколько можно ждать?",
        name="Ольга Зорина",
        ago_m=90,
        visibility="private",
        kind=MessageKind.DIRECT_MESSAGE,
    )
    office.join(
        ask, "Добавлю: после дождя её совсем не видно", network="site", name="Нина", ago_m=70, edited_at=town.now
    )
    manhole = office.case(
        "На Школьной у садика открытый люк, рядом играют дети!!!",
        network="telegram",
        topic="utilities.manhole",
        place="ул. Школьная",
        urgency=4,
        ago_h=0.2,
        name="Мария",
    )
    Case.objects.filter(pk=manhole.pk).update(personal_control=True)
    doubtful = office.unsorted("Ну и как вам не стыдно после такого?", name="Сергей", post=post, ago_m=20)
    office.unsorted("А у нас на Кленовой так же было, потом сделали", network="telegram", name="Алёна", ago_m=8)
    office.stuck(ask)
    office.stuck(ask, state=OutgoingState.FAILED, error="VK: комментарии к записи закрыты (error 213)")
    Delivery.objects.create(
        municipality=town.city,
        channel=town.channels["vk"],
        dedup_key="broken",
        body=b"{",
        received_at=town.now,
        state="failed",
        note="vk: not an event",
    )
    waiting = office.case("Нет воды на Ключевой, 5 с самого утра", place="ул. Ключевая, 5", name="Зоя", ago_h=6)
    said = list(Message.objects.filter(is_ours=False).select_related("identity"))
    index_messages(said, cases_of_messages([message.pk for message in said]))
    save_view(access_of(office.curator), "Срочное на дорогах", {"view": "urgent"}, Sharing.CITY)
    author = access_of(office.executor)
    words = "Зоя, воду дадут сегодня к 18:00: меняем задвижку на Ключевой, 3. Аварийная: 5-55-55."
    write_draft(author, waiting, words, Outcome.RESOLVED, now=town.now)
    submit(author, waiting, now=town.now)
    return {
        "inbox": "/desk/",
        "case": f"/desk/cases/{ask.number}/",
        "manhole": f"/desk/cases/{manhole.number}/",
        "showing": f"/desk/cases/{ask.number}/showing/",
        "approval": f"/desk/cases/{waiting.number}/?view=approval",
        "sort": "/desk/sort/",
        "sorting": f"/desk/sort/{doubtful.pk}/",
        "undelivered": "/desk/undelivered/",
        "head": "/desk/head/",
        "posts": "/desk/posts/",
        "views": "/desk/views/",
        "found": "/desk/?q=яма",
        "post_new": "/desk/posts/new/",
    }
