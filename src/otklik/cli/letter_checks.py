"""What can be wrong with sending to officials: `doctor` signs in to the mail server and asks the bot for its name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from otklik.cli.checks import bad, ok
from otklik.connectors.base import Finding

if TYPE_CHECKING:  # models exist only after Django starts
    from otklik.notices.letters import Carrier


def letters_to_officials(*, online: bool) -> Iterator[Finding]:
    """Name each way out that is on, with `online` try it, and say what could not be sent. Sends nothing to anybody."""
    from otklik.notices.letters import Carrier, Letter
    from otklik.residents.models import ResidentMail

    for row in Carrier.objects.filter(is_on=True).select_related("municipality").order_by("id"):
        what = f"letters of {row.municipality.slug} by {row.way}: {row.bot_name or row.host}"
        yield _tried(row, what) if online else ok(what)
    troubled = Letter.objects.filter(state__in=["failed", "unknown"]).count()
    if troubled:
        yield bad(f"letters not sent, or not certain: {troubled}", "look at Administration, Letters to officials")
    astray = ResidentMail.objects.filter(state__in=["failed", "unknown"]).count()
    if astray:
        yield bad(f"letters to residents not sent, or not certain, in a month: {astray}", "ask the mail server")


def _tried(row: Carrier, what: str) -> Finding:
    from otklik.common.vault import WrongKey
    from otklik.notices.carriers.outcome import NotSent
    from otklik.notices.enums import Way
    from otklik.notices.services.carrying import bot_of, mail_of
    from otklik.notices.services.pushing import identity

    try:
        if row.way == Way.PUSH:
            identity()  # browsers have services of their own: nothing to ask without telling somebody
            return ok(what)
        if row.way == Way.EMAIL:
            mail_of(row).check()
        else:
            bot_of(row).name()
    except (NotSent, WrongKey, ValueError, OSError) as error:
        return bad(what, str(error))
    return ok(f"{what}: it answers")
