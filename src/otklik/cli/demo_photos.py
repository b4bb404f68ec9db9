"""Two stories of the demo's past that are told with photos: what a resident saw, and how it looks now.

Everything goes its ordinary way: the photo comes out of Telegram's simulator, is scanned and drawn anew, the executor's
is approved and sent into the same thread, an operator clears both for everybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from otklik.cases.enums import Outcome, PhotoSide
from otklik.cases.models import Case
from otklik.cases.services import answering, picturing
from otklik.cases.services.unveiling import Unveiling, show_photo
from otklik.channels.models import MessageFile
from otklik.channels.services.filing import fetch_next
from otklik.cli.demo_city import Towns
from otklik.cli.demo_staff import Staff
from otklik.media.services.preparing import prepare_next
from otklik.org.access import Access, Permission
from otklik.org.enums import Role
from otklik.simulators.town.scenes import Scene, photo_of


@dataclass(frozen=True, slots=True)
class Story:
    """Something that was broken, in a resident's words, and what the city did about it."""

    scene: Scene
    said: str
    before: str
    answer: str
    after: str


STORIES = (
    Story(
        Scene.ROAD,
        "Яма на дороге, улица Садовая, дом 61: полная воды, вчера пробил колесо. Почините, пожалуйста!",
        "Посреди дороги яма, полная воды, вокруг неё крошка асфальта.",
        "здравствуйте! Яму на Садовой, 61 сегодня закатала бригада Николая Дорогина из отдела дорог: вырезали карту, "
        "уложили два слоя. Проверим шов в понедельник, 10:00.",
        "На месте ямы ровная тёмная заплата.",
    ),
    Story(
        Scene.LAMP,
        "На улице Школьная, дом 52 не горит фонарь, вечером темно, дети идут из секции. Включите свет!",
        "Тёмная улица, фонарь над дорогой не горит.",
        "здравствуйте! Фонарь у дома 52 на Школьной горит: электрики городских сетей заменили лампу и предохранитель "
        "сегодня до 17:00. Если мигнёт, напишите сюда.",
        "Вечер, фонарь горит, дорога под ним освещена.",
    ),
)


class PhotoStories:
    """Tells the stories, each in two steps: a resident shows, the city answers with how it looks now."""

    def __init__(self, towns: Towns, staff: Staff) -> None:
        self._towns = towns
        self._staff = staff
        self._cases: dict[Scene, Case] = {}

    def say(self, story: Story) -> None:
        """Have a resident write in Telegram, with a photo; the carrier takes it from there."""
        self._towns.life.say_with_photo(story.said, photo_of(story.scene, mended=False))

    def answer(self, story: Story, now: datetime) -> bool:
        """Have the city answer with a photo, approved by a second person; False where no case came of it."""
        draw_everything(now)
        file = (
            MessageFile.objects.filter(message__text=story.said, file__isnull=False).select_related("message").first()
        )
        case = Case.objects.filter(case_messages__message__text=story.said).first()
        writer = self._writer(case) if case is not None else None
        if file is None or case is None or writer is None or not self._staff.begin(case, now=now):
            return False
        picturing.describe_resident_photo(writer, case, file.pk, story.before, now=now)
        picturing.mark_resident_photo(writer, case, file.pk, PhotoSide.BEFORE, now=now)
        upload = picturing.Upload("IMG_2041.jpg", [photo_of(story.scene, mended=True)], story.after)
        picturing.attach(writer, case, picturing.Sent([upload], side=PhotoSide.AFTER), now=now)
        draw_everything(now)
        name = file.message.identity.display_name.split(" ")[0] if file.message.identity is not None else ""
        text = f"{name}, {story.answer}" if name else story.answer.capitalize()
        answering.write_draft(writer, case, text, Outcome.RESOLVED, now=now)
        answering.submit(writer, case, now=now)
        self._cases[story.scene] = case
        return self._staff.approve(case, now=now)

    def show(self, story: Story, now: datetime) -> bool:
        """Have the operator let everybody see the case with both photos, once the answer is sent."""
        case = self._cases.get(story.scene)
        if case is None:
            return False
        case.refresh_from_db()
        operator = self._staff.with_role(Role.OPERATOR)
        if not self._staff.show(case, now=now):
            return False
        album = {photo.side: photo for photo in case.photos.all()}
        for side, alt in ((PhotoSide.BEFORE, story.before), (PhotoSide.AFTER, story.after)):
            show_photo(operator, case, Unveiling(album[side].file_id, alt), now=now)
        return True

    def _writer(self, case: Case) -> Access | None:
        return self._staff.allowed(Permission.CASE_DRAFT, case, Role.EXECUTOR)


def draw_everything(now: datetime) -> None:
    """Fetch, scan and draw what waits, as the worker does."""
    while fetch_next(now=now) or prepare_next(now=now):
        pass
