from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings as installation

from otklik.assist.chat import ChatFailed, Endpoint, ask
from otklik.assist.enums import Trouble, Use, Wish
from otklik.assist.models import MachineText, ModelSettings
from otklik.assist.services import asking
from otklik.assist.services.setting import Choice, endpoint_of, save_model_settings
from otklik.assist.services.writing import write_next
from otklik.cases.models import Answer, Case, JournalEntry
from otklik.channels.models import Outgoing
from otklik.common import ssrf
from otklik.common.clock import now
from otklik.org.access import Access, Refused, access_of
from otklik.org.enums import Role
from otklik.org.errors import NotPossible
from otklik.org.models import AuditEntry
from otklik.simulators.model.simulator import Fault, ModelSimulator
from tests.builders import make_access, make_official
from tests.desk.office import Office, make_office, make_stranger
from tests.servers import serve

pytestmark = pytest.mark.django_db
SECRET = "sk-town-4f1c"
TEXT = "Яма на Мельничной, 7, пробил колесо. Звоните +7 900 123-45-67 или ivan@example.org"


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[ModelSimulator, str]]:
    simulator = ModelSimulator(key=SECRET, longest_silence_s=8)
    with serve(simulator) as url:
        yield simulator, f"{url}/v1"


@pytest.fixture
def model(served: tuple[ModelSimulator, str]) -> ModelSimulator:
    served[0].asked.clear()
    return served[0]


@pytest.fixture
def office() -> Office:
    return make_office()


def choice(url: str, **changes: object) -> Choice:
    values: dict[str, object] = {
        "is_on": True,
        "base_url": url,
        "model": "town-7b",
        "key": SECRET,
        "for_drafts": True,
        "for_summaries": True,
        "for_translation": True,
        "timeout_s": 5,
        "summary_from": 3,
        "understood": True,
    }
    return Choice(**{**values, **changes})


@pytest.fixture
def on(office: Office, served: tuple[ModelSimulator, str], model: ModelSimulator) -> ModelSettings:
    return save_model_settings(admin(office), choice(served[1]), now=now())


def admin(office: Office) -> Access:
    return make_access(office.town.city, Role.ADMIN)


def executor(office: Office) -> Access:
    return access_of(office.executor)


def page(office: Office, case: Case) -> str:
    return office.browser(office.executor, "ru").get(f"/desk/cases/{case.number}/").content.decode()


def test_off_by_default_and_nothing_of_it_shows(office: Office) -> None:
    case = office.case(TEXT, language="en")

    assert "machine" not in page(office, case)
    with pytest.raises(asking.NotOffered):
        asking.ask(executor(office), case, Use.DRAFT, now=now())
    assert office.browser(office.executor).post(f"/desk/cases/{case.number}/machine/draft/").status_code == 404
    assert not MachineText.objects.exists()


def test_draft_goes_into_the_editor_marked_and_is_sent_nowhere(
    office: Office, on: ModelSettings, model: ModelSimulator
) -> None:
    case = office.case(TEXT)
    queued = Outgoing.objects.count()
    office.browser(office.executor).post(f"/desk/cases/{case.number}/machine/draft/")
    assert "Машина пишет" in page(office, case)

    assert write_next(now=now())
    text = page(office, case)

    assert "Черновик от машины, проверьте" in text
    assert "Спасибо, что написали. Передали; займётся [кто], срок: [когда].</textarea>" in text
    assert (Answer.objects.count(), Outgoing.objects.count(), write_next(now=now())) == (0, queued, False)
    assert JournalEntry.objects.get(case=case, action="machine_asked").detail == {"use": "draft"}


def test_personal_data_and_names_stay_here_unless_the_administrator_chose_otherwise(
    office: Office, on: ModelSettings, served: tuple[ModelSimulator, str], model: ModelSimulator
) -> None:
    case = office.case(TEXT, name="Игорь Ветров")
    asking.ask(executor(office), case, Use.DRAFT, now=now())
    write_next(now=now())
    save_model_settings(admin(office), choice(served[1], masks=False), now=now())
    asking.ask(executor(office), case, Use.DRAFT, now=now())
    write_next(now=now())

    masked, plain = (str(question["messages"]) for question in model.asked)
    assert ("123-45-67" in masked, "ivan@" in masked, "пробил колесо" in masked) == (False, False, True)
    assert ("123-45-67" in plain, "ivan@" in plain) == (True, True)
    assert "Ветров" not in masked + plain


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        (Fault.SERVER_ERROR, Trouble.BROKEN),
        (Fault.REFUSES, Trouble.REFUSED),
        (Fault.GARBAGE, Trouble.NONSENSE),
        (Fault.NO_CHOICES, Trouble.EMPTY),
        (Fault.EMPTY, Trouble.EMPTY),
        (Fault.HUGE, Trouble.TOO_LONG),
        (Fault.REDIRECT, Trouble.REDIRECTED),
    ],
)
def test_fault_of_the_model_is_told_in_plain_words(
    office: Office, on: ModelSettings, model: ModelSimulator, fault: Fault, trouble: Trouble
) -> None:
    case = office.case(TEXT)
    model.fail_next(fault)
    asking.ask(executor(office), case, Use.DRAFT, now=now())
    write_next(now=now())

    row = MachineText.objects.get()
    assert (row.state, row.trouble, row.text) == (Wish.FAILED, trouble, "")
    assert str(row.get_trouble_display()) != trouble
    assert "Пусть машина набросает ответ" in page(office, case)


@pytest.mark.parametrize("fault", [Fault.SLOW, Fault.DRIPS])
def test_slow_model_is_not_waited_for(served: tuple[ModelSimulator, str], model: ModelSimulator, fault: Fault) -> None:
    model.fail_next(fault)

    with pytest.raises(ChatFailed) as failed:
        ask(Endpoint(served[1], "town-7b", SECRET, timeout_s=0.5), "s", "u")
    assert failed.value.trouble == Trouble.SLOW


def test_redirect_is_never_followed(served: tuple[ModelSimulator, str], model: ModelSimulator) -> None:
    other = ModelSimulator()
    with serve(other) as elsewhere:
        model.elsewhere = f"{elsewhere}/v1/chat/completions"
        model.fail_next(Fault.REDIRECT)
        with pytest.raises(ChatFailed) as failed:
            ask(Endpoint(served[1], "town-7b", SECRET, timeout_s=5), "s", "u")

    assert (failed.value.trouble, other.asked) == (Trouble.REDIRECTED, [])


def test_client_reaches_one_host_and_port_only(served: tuple[ModelSimulator, str]) -> None:
    import httpx

    with ssrf.client_for_one("127.0.0.1", 9, timeout_s=2) as http, pytest.raises(httpx.ConnectError, match="allowed"):
        http.get(served[1])


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fe80::1", "fd00:ec2::254", "0.0.0.0", "::ffff:169.254.169.254"]
)
def test_metadata_service_is_refused_when_typed_and_when_connected_to(office: Office, address: str) -> None:
    url = f"http://[{address}]/v1" if ":" in address else f"http://{address}/v1"

    with pytest.raises(NotPossible):
        save_model_settings(admin(office), choice(url), now=now())
    with pytest.raises(ChatFailed) as failed:
        ask(Endpoint(url, "m", "", timeout_s=2), "s", "u")
    assert failed.value.trouble == Trouble.UNREACHABLE
    assert not ModelSettings.objects.exists()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "10.0.0.5:8080",
        "file:///etc/passwd",
        "http://user:word@10.0.0.5/v1",
        "http://10.0.0.5/v1?to=x",
        "http://[::1",
        "http://metadata.google.internal/v1",
        "gopher://10.0.0.5/",
    ],
)
def test_address_that_makes_no_sense_is_refused(office: Office, url: str) -> None:
    with pytest.raises(NotPossible) as refused:
        save_model_settings(admin(office), choice(url), now=now())
    assert refused.value.field == "base_url"


def test_installation_itself_is_no_model(office: Office) -> None:
    with pytest.raises(NotPossible):
        save_model_settings(
            admin(office), choice(f"http://127.0.0.1:{installation.ENVIRONMENT.web_port}/v1"), now=now()
        )


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_nobody_but_an_administrator_turns_it_on(office: Office, role: Role) -> None:
    official = make_official(office.town.city, role)

    with pytest.raises(Refused):
        save_model_settings(access_of(official), choice("http://10.0.0.5/v1"), now=now())
    form = {"is_on": "on", "base_url": "http://10.0.0.5/v1", "model": "m", "understood": "on", "timeout_s": 9}
    assert office.browser(official).post("/desk/administration/machine/", form).status_code == 403
    assert not ModelSettings.objects.exists()


def test_another_city_neither_uses_ours_nor_reads_our_cases(office: Office, on: ModelSettings) -> None:
    case = office.case(TEXT)
    stranger = make_stranger()

    with pytest.raises(Refused):
        asking.ask(access_of(stranger), case, Use.SUMMARY, now=now())
    assert office.browser(stranger).post(f"/desk/cases/{case.number}/machine/summary/").status_code == 404
    row = asking.ask(executor(office), case, Use.DRAFT, now=now())
    assert office.browser(stranger).post(f"/desk/machine/{row.pk}/cancel/").status_code == 404
    with pytest.raises(Refused):
        asking.cancel(access_of(stranger), row, now=now())


def test_who_let_texts_leave_and_whereto_is_noted_and_asked_again_when_it_changes(
    office: Office, on: ModelSettings, served: tuple[ModelSimulator, str]
) -> None:
    administrator = admin(office)
    with pytest.raises(NotPossible) as refused:
        save_model_settings(administrator, choice("http://10.0.0.9/v1", understood=False), now=now())
    same = save_model_settings(administrator, choice(served[1], understood=False, timeout_s=30), now=now())
    moved = save_model_settings(administrator, choice("http://10.0.0.9/v1", key=""), now=now())

    assert refused.value.field == "understood"
    assert (same.agreed_by_id, moved.agreed_by) == (on.agreed_by_id, administrator.official)
    assert endpoint_of(moved).key == ""  # the key was the other server's
    entries = AuditEntry.objects.filter(action="language_model.changed")
    assert entries.order_by("-id")[0].subject == "10.0.0.9"
    assert all(SECRET not in str(entry.detail) for entry in entries)


def test_key_is_sealed_and_on_no_screen(office: Office, on: ModelSettings) -> None:
    text = office.browser(make_official(office.town.city, Role.ADMIN)).get("/desk/administration/machine/")

    assert SECRET not in text.content.decode()
    assert SECRET.encode() not in bytes(ModelSettings.objects.get().sealed_key)


def test_screen_of_settings_saves_what_was_chosen(office: Office) -> None:
    client = office.browser(make_official(office.town.city, Role.ADMIN))
    form = {"is_on": "on", "base_url": "http://10.0.0.5:8080/v1", "model": "town-7b", "for_drafts": "on", "masks": "on"}
    form |= {"timeout_s": "45", "summary_from": "20"}

    assert client.post("/desk/administration/machine/", form).status_code == 422
    assert client.post("/desk/administration/machine/", {**form, "understood": "on"}).status_code == 302

    row = ModelSettings.objects.get()
    assert (row.model, row.timeout_s, row.allows(Use.DRAFT), row.allows(Use.SUMMARY)) == ("town-7b", 45, True, False)


def test_what_the_model_writes_is_plain_text_and_strange_contacts_are_pointed_out(
    office: Office, on: ModelSettings, model: ModelSimulator
) -> None:
    case = office.case("Яма на дороге, почините")
    model.fail_next(Fault.INJECTION)
    asking.ask(executor(office), case, Use.DRAFT, now=now())
    write_next(now=now())

    row, text = MachineText.objects.get(), page(office, case)
    assert row.has_strange_contacts
    assert "\u202e" not in row.text
    assert "<script>alert(1)" not in text
    assert "которых в деле нет" in text


def test_asking_twice_asks_once_and_a_stopped_question_is_not_put(
    office: Office, on: ModelSettings, model: ModelSimulator
) -> None:
    case = office.case(TEXT)
    first, second = (asking.ask(executor(office), case, Use.DRAFT, now=now()) for _ in range(2))
    asking.cancel(executor(office), first, now=now())

    assert first.pk == second.pk
    assert not write_next(now=now())
    assert model.asked == []


def test_question_of_a_worker_that_died_is_taken_again_and_given_up_at_last(
    office: Office, on: ModelSettings, model: ModelSimulator
) -> None:
    row = asking.ask(executor(office), office.case(TEXT), Use.DRAFT, now=now())
    MachineText.objects.filter(pk=row.pk).update(state=Wish.WORKING, attempts=1, claimed_at=now())
    assert not write_next(now=now())

    MachineText.objects.filter(pk=row.pk).update(claimed_at=now() - timedelta(minutes=10))
    assert write_next(now=now())
    assert MachineText.objects.get().state == Wish.DONE

    MachineText.objects.filter(pk=row.pk).update(
        state=Wish.WORKING, attempts=3, claimed_at=now() - timedelta(minutes=10)
    )
    assert not write_next(now=now())
    assert MachineText.objects.get().state == Wish.FAILED


def test_switching_it_off_stops_what_waits(
    office: Office, on: ModelSettings, served: tuple[ModelSimulator, str], model: ModelSimulator
) -> None:
    asking.ask(executor(office), office.case(TEXT), Use.DRAFT, now=now())
    save_model_settings(admin(office), choice(served[1], is_on=False), now=now())
    write_next(now=now())

    assert (MachineText.objects.get().trouble, model.asked) == (Trouble.SWITCHED_OFF, [])


def test_summary_stands_above_a_long_conversation_only(office: Office, on: ModelSettings) -> None:
    case = office.case(TEXT)
    assert "Пусть машина подведёт итог" not in page(office, case)
    for number in range(2):
        office.join(case, f"И у меня колесо {number}")
    assert "Пусть машина подведёт итог" in page(office, case)

    asking.ask(executor(office), case, Use.SUMMARY, now=now())
    write_next(now=now())

    assert "Сводка от машины, по 3 сообщениям" in page(office, case)


def test_message_in_another_language_is_translated_on_demand(office: Office, on: ModelSettings) -> None:
    case = office.case("There is a pothole", language="en")
    assert "Перевести машиной" in page(office, case)
    message = case.case_messages.get().message_id

    office.browser(office.executor, "ru").post(f"/desk/cases/{case.number}/machine/translation/{message}/")
    write_next(now=now())

    text = page(office, case)
    assert "Перевела машина" in text
    assert "[перевод] There is a pothole" in text


def test_message_of_another_case_is_not_translated_here(office: Office, on: ModelSettings) -> None:
    case, other = office.case("There is a pothole", language="en"), office.case("Another one", language="en")
    foreign = other.case_messages.get().message_id

    url = f"/desk/cases/{case.number}/machine/translation/{foreign}/"
    assert office.browser(office.executor).post(url).status_code == 404
    assert not MachineText.objects.exists()


def test_executor_of_another_department_asks_nothing(office: Office, on: ModelSettings) -> None:
    case = office.case(TEXT, topic="utilities.water")

    with pytest.raises(Refused):
        asking.ask(executor(office), case, Use.DRAFT, now=now())
    assert office.browser(office.executor).post(f"/desk/cases/{case.number}/machine/draft/").status_code == 404
