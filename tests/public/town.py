"""A small invented city for the residents' pages: posts, a conversation from three networks, cases at every step."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

from otklik.cases.enums import CaseKind, Outcome, Withdrawal
from otklik.cases.models import Case
from otklik.cases.services.answering import approve, note_finished, submit, write_draft
from otklik.cases.services.opening import Opening, open_cases
from otklik.cases.services.showing import agree, as_found, make_private, make_public
from otklik.channels.connections import seal
from otklik.channels.enums import Decision, MessageKind, Network, OutgoingState
from otklik.channels.models import Channel, Identity, Message, Outgoing, Resident, Thread
from otklik.common import clock
from otklik.org.access import Access, access_of
from otklik.org.enums import PlaceKind, Role
from otklik.org.models import Department, Municipality, Official, Place, Topic
from otklik.org.queries import directory_of
from otklik.org.services.founding import CityPlan, add_official, found_city
from otklik.posts.models import Post, Publication, Rubric
from otklik.posts.services.publishing import Words, publish_as
from otklik.proof.services.signing import make_key

SECRET = "a-signing-key-of-the-site"
PLAN = CityPlan(
    slug="yasnogorye",
    name="Ясногорье",
    name_en="Yasnogorye",
    head_name="Анна Берестова",
    head_name_en="Anna Berestova",
    head_title="Глава города",
    motto="Пишите, как соседу: прочитаем, передадим и покажем, что сделано.",
    motto_en="Write as you would to a neighbour: we read it, pass it on and show what was done.",
)


@dataclass
class Town:
    """The city and the people and channels in it."""

    city: Municipality
    head: Official
    executor: Official
    approver: Official
    channels: dict[str, Channel]
    now: datetime
    names: count = field(default_factory=lambda: count(1))

    @property
    def roads(self) -> Department:
        return Department.objects.get(municipality=self.city, code="roads")

    def access(self, official: Official) -> Access:
        return access_of(official)

    def post(self, title: str, text: str = "Текст.", rubric: Rubric = Rubric.TOWN, ago_h: float = 1) -> Post:
        """A published post that is on every channel."""
        post = publish_as(self.head, Words(title, text, rubric), now=self.now - timedelta(hours=ago_h))
        Publication.objects.filter(post=post, external_id="").update(external_id=f"wall-{post.pk}")
        return post

    def say(
        self,
        network: str,
        text: str,
        *,
        name: str = "",
        post: Post | None = None,
        to: Message | None = None,
        by: Official | None = None,
        ago_m: float = 30,
        visibility: str = "public",
        **fields: object,
    ) -> Message:
        """Somebody's words: a comment under a post, a reply to one, or a private report."""
        channel, number = self.channels[network], next(self.names)
        at = self.now - timedelta(minutes=ago_m)
        external = "" if post is None else Publication.objects.get(post=post, channel=channel).external_id
        thread, _ = Thread.objects.get_or_create(
            municipality=self.city,
            channel=channel,
            key=f"thread:{external or number}",
            defaults={"visibility": visibility, "post_external_id": external},
        )
        identity = None
        if by is None and not fields.get("is_ours"):
            resident = Resident.objects.create(municipality=self.city, display_name=name, created_at=at)
            identity = Identity.objects.create(
                municipality=self.city,
                network=network,
                external_id=str(number),
                resident=resident,
                display_name=name,
                first_seen_at=at,
            )
        key = f"wall:{number}"
        values = {
            "kind": MessageKind.COMMENT if post is not None else MessageKind.REPORT,
            "decision": Decision.OWN if by is not None else Decision.NO_ANSWER,
            "is_ours": by is not None,
            "parent_key": to.object_key if to is not None else "",
            "root_key": to.root_key if to is not None else key,
            **fields,
        }
        return Message.objects.create(
            municipality=self.city,
            channel=channel,
            thread=to.thread if to is not None else thread,
            identity=identity,
            object_key=key,
            external_id=str(number),
            visibility=visibility,
            official=by,
            text=text,
            occurred_at=at,
            received_at=at,
            **values,
        )

    def case(self, message: Message, *, topic: str = "", is_public: bool = False, ago_h: float = 5) -> Case:
        """A case opened for a message."""
        found = Topic.objects.filter(municipality=self.city, code=topic).first() if topic else self._roads_topic()
        opening = Opening(message=message, kind=CaseKind.REQUEST, topic=found)
        (case,) = open_cases([opening], directory_of(self.city), now=self.now - timedelta(hours=ago_h))
        Message.objects.filter(pk=message.pk).update(decision=Decision.OPENED)
        if is_public:
            self.show(case)
        return case

    @property
    def clearer(self) -> Official:
        """Who clears what everybody reads; appointed when first needed."""
        found = Official.objects.filter(municipality=self.city, email="clearer@town.example").first()
        return found or add_official(
            self.city, email="clearer@town.example", full_name="Вера Лугова", roles=[(Role.OPERATOR, None)]
        )

    def show(self, case: Case, **fields: object) -> None:
        """Let an operator show a case to everybody, as it is found; a private one with its resident's word."""
        if not Message.objects.filter(case_message__case=case, visibility="public").exists():
            agree(case, now=self.now)
        found = replace(as_found(case), **fields)
        make_public(self.access(self.clearer), case, found, now=self.now)

    def answer(self, case: Case, text: str, *, ago_h: float = 1) -> None:
        """The whole way of an answer: drafted, approved by another person, sent."""
        at = self.now - timedelta(hours=ago_h)
        write_draft(self.access(self.executor), case, text, Outcome.RESOLVED, now=at)
        submit(self.access(self.executor), case, now=at)
        approve(self.access(self.approver), case, now=at)
        self.note_sent(ago_h=ago_h)
        case.refresh_from_db()

    def note_sent(self, *, ago_h: float = 0) -> None:
        """Every answer that was queued has reached its thread."""
        rows = list(Outgoing.objects.filter(municipality=self.city, idempotency_key__startswith="answer:"))
        Outgoing.objects.filter(pk__in=[row.pk for row in rows]).update(state=OutgoingState.SENT)
        for row in rows:
            row.state = OutgoingState.SENT
        note_finished(rows, now=self.now - timedelta(hours=ago_h))

    def _roads_topic(self) -> Topic | None:
        return Topic.objects.filter(municipality=self.city, department=self.roads).first()


def make_town() -> Town:
    """Found the city, with a head, an executor, an approver and three channels."""
    city = found_city(PLAN)
    make_key(city, now=clock.now())
    roads = Department.objects.get(municipality=city, code="roads")
    channels = {
        network: Channel.objects.create(
            municipality=city,
            name=network,
            network=network,
            hook_token=f"token-{network}",
            accepted=["comments", "direct_messages", "publish"],
            sealed_secrets=seal({"webhook_secret": SECRET}),
        )
        for network in (Network.SITE.value, Network.TELEGRAM.value, Network.VK.value)
    }
    return Town(
        city=city,
        head=add_official(
            city,
            email="head@town.example",
            full_name="Анна Берестова",
            roles=[(Role.HEAD, None)],
            position="Глава города",
        ),
        executor=add_official(
            city,
            email="roads@town.example",
            full_name="Павел Ключников",
            roles=[(Role.EXECUTOR, roads)],
            department=roads,
            position="Инженер",
        ),
        approver=add_official(
            city,
            email="chief@town.example",
            full_name="Ирина Липатова",
            roles=[(Role.APPROVER, roads)],
            department=roads,
        ),
        channels=channels,
        now=clock.now(),
    )


def furnish(town: Town) -> dict[str, str]:
    """Fill the town with a day's life; returns the addresses worth looking at, by name."""
    town.post(
        "Мост на Заречной открываем в субботу, проезд бесплатный весь декабрь",
        "Строители закончили на две недели раньше срока. В субботу в **10:00** пройдём по мосту пешком, в полдень "
        "пустим автобусы № 3 и № 7.\n\nСпасибо, что терпели объезд.",
        Rubric.PROJECTS,
        ago_h=30,
    )
    town.post(
        "Ищем водителя на школьный автобус", "Смена с 6:30 до 15:00, жильё поможем найти.", Rubric.VACANCIES, ago_h=52
    )
    town.post(
        "Маша Фролова выиграла областную олимпиаду по физике", "Поздравляем Машу и школу на Лесной!", Rubric.PEOPLE, 75
    )
    main = town.post(
        "Детская площадка на Садовой: горки уже стоят, осталось покрытие",
        "Сегодня смонтировали **горки и качели**. Покрытие уложим до пятницы, если не будет дождя.\n\n"
        "- качели для малышей и для подростков\n- лавки и навес\n- освещение до 23:00\n\n"
        "> Спросили у жителей двора: просят ещё велопарковку. Поставим.\n\nПриходите на открытие, будет чай.",
        ago_h=2,
    )
    ask = town.say(
        "vk", "А когда починят яму у въезда во двор, Садовая 12? Коляску не провезти.", name="Олег Ручьёв", post=main
    )
    town.say(
        "vk",
        "Передали тем, кто за это отвечает. Ответят до вторника.",
        to=ask,
        post=main,
        is_ours=True,
        is_automated=True,
        decision=Decision.OWN,
        ago_m=29,
    )
    town.say(
        "vk",
        "Олег, яму на въезде засыпали сегодня утром, в среду закатаем асфальтом. Фото пришлём сюда.",
        to=ask,
        post=main,
        by=town.executor,
        ago_m=10,
    )
    town.say("vk", "Спасибо, уже видели!", name="Олег Ручьёв", to=ask, post=main, ago_m=4)
    town.say("telegram", "Красота! Детям понравится 👏", name="Светлана", post=main, ago_m=25)
    town.say("site", "Сделайте, пожалуйста, ограждение от дороги: там гоняют.", name="", post=main, ago_m=12)
    town.say("telegram", "Заработок без вложений!!!", name="bot", post=main, decision=Decision.SPAM, ago_m=11)
    Post.objects.filter(pk=main.pk).update(comment_count=6, answer_count=1)
    words = "Третий день не горит фонарь на остановке «Фонтанная», вечером страшно выходить."
    fresh = town.case(town.say("site", words, name="Нина", visibility="private"), is_public=True)
    answered = town.case(
        town.say(
            "site",
            "Яма на Мельничной, 7, пробил колесо. Мой телефон +7 900 123-45-67.",
            name="Игорь",
            visibility="private",
        ),
        is_public=True,
        ago_h=50,
    )
    town.answer(
        answered,
        "Игорь, яму на Мельничной, 7 засыпали щебнем, асфальт положим в четверг до 18:00. Отдел дорог, каб. 4.",
    )
    middles = {"Мельничная": (54.30, 47.12), "Фонтанная": (54.31, 47.13)}
    for case, (street, (lat, lon)) in zip((answered, fresh), middles.items(), strict=True):
        place = Place.objects.create(municipality=town.city, kind=PlaceKind.STREET, name=street, lat=lat, lon=lon)
        Case.objects.filter(pk=case.pk).update(place=place)
    gone = town.case(town.say("vk", "Снятое дело"), is_public=True)
    make_private(town.access(town.clearer), gone, Withdrawal.PERSONAL, now=town.now)
    return {
        "accountability": "/accountability/",
        "map": "/cases/map/",
        "same_here": f"/cases/{answered.number}/same-here/",
        "gone": f"/cases/{gone.number}/",
        "feed": "/",
        "post": f"/posts/{main.slug}/",
        "write": "/write/",
        "comment": f"/posts/{main.slug}/comment/",
        "cases": "/cases/",
        "public_case": f"/cases/{answered.number}/",
        "own_new": f"/case/{fresh.code}/",
        "own_answered": f"/case/{answered.code}/",
        "about": "/about/",
        "find": "/case/?code=wrong",
        "missing": "/nowhere/",
    }
