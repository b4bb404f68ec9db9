"""Write the reference pages that the code knows best: python tools/reference.py (from the root, in the environment).

Settings, commands, permissions, statuses and capabilities are read from the code itself; tests/test_docs.py compares
the pages with what this would write. What the code can't say (what a permission is for) is said here.
"""

from __future__ import annotations

import ast
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import click

ROOT = Path(__file__).parents[1]
if TYPE_CHECKING:  # models exist only after Django starts
    from otklik.cases.enums import Status

_MADE = "*Made from {source} by `tools/reference.py`; change that, not this page.*\n"

DEFAULTS = {
    "OTKLIK_DATA": "`var` in the project's root",
    "OTKLIK_KEYS": "`keys` in `OTKLIK_DATA`",
    "OTKLIK_DATABASE_URL": "`sqlite:///` with `otklik.sqlite3` in `OTKLIK_DATA`",
    "OTKLIK_BROKER_URL": "none",
    "OTKLIK_PUBLIC_URL": "`http://127.0.0.1:` with `OTKLIK_PORT`",
    "OTKLIK_PORT": "`8000`",
    "OTKLIK_WEB_PORT": "`OTKLIK_PORT` + 1",
    "OTKLIK_WEB_WORKERS": "one for each processor, `2` at most on SQLite, else `4`",
    "OTKLIK_ALLOW_LOOPBACK": "`0`",
    "OTKLIK_DEMO": "`0`",
    "OTKLIK_SCANNER": "none: files are not scanned",
    "OTKLIK_SMS_URL": "none: no codes by phone",
    "OTKLIK_SMS_TOKEN": "none",
    "OTKLIK_SMS_PREFIXES": "`+7`",
    "OTKLIK_METRICS_TOKEN": "none: only this machine reads it",
    "OTKLIK_LOG_LEVEL": "`info`",
}
SCRIPT = {
    "OTKLIK_VENV": "folder of the virtual environment (default: `.venv` beside the script)",
    "OTKLIK_DEV": "`1` installs the development packages too, as `test` and `bench` do by themselves",
    "OTKLIK_PYTHON": "the Python to make the environment with (default: the first of 3.11 or newer on the path)",
}
ALLOWS = {
    "case.view": "see cases and their conversations",
    "message.sort": "decide about messages that triage was not certain of; show a resident's private link",
    "case.assign": "give a case to a department, correct its topic, reject it with a reason, pass it to another body",
    "case.deadline": "move a deadline, with a reason",
    "case.arbitrate": "decide for good whose a case is that was returned twice, with a reason",
    "absence.manage": "enter and end the absences of colleagues (everybody their own)",
    "case.draft": "take a case, write an answer, hand it on for approval",
    "case.return": "return a case that is another department's",
    "case.approve": "approve somebody else's answer, or send it back with a remark",
    "case.publish": "show a case on the public pages, or take it off them",
    "appeal.register": "enter, register, extend and end formal appeals, and see their register",
    "reception.serve": "take down what people say by phone, on paper and in person; say that an answer was told",
    "personal.show": "see and hand out residents' personal data where others get it masked",
    "person.view": "see beside a case what else its resident wrote, from which networks, and who linked them",
    "person.link": "say, with a reason, that two accounts in networks are one person's, and take it back",
    "talk.moderate": "hide a comment on the site for a reason of the rules, show it again, decide about an objection",
    "person.block": "block a resident's account in a network for days, for a reason of the list, and take it back",
    "case.note": "write notes to colleagues beside a case, and call them to it",
    "template.manage": "keep templates of answers, of the own department or of the whole city",
    "view.share": "share a saved view with a department or the whole city, and change one that is shared",
    "control.set": "take a case under the head's control; the head's morning page",
    "control.clear": "let a case go from the head's control",
    "answer.as_head": "answer in the head's own name: written and approved in one step",
    "post.write": "see the posts and where each appeared (drafts come later)",
    "post.publish": "publish posts on the site and in the networks",
    "trouble.resolve": "settle what was not delivered, or what nobody is certain of",
    "triage.teach": "label messages, so that triage learns what they are about",
    "triage.manage": "see how well messages are understood; learn anew; choose the version in use and how sure to be",
    "people.manage": "invite people, give and take roles, switch people off and on",
    "city.manage": "departments, topics, service levels, calendar, places, routes",
    "channel.manage": "connect and change channels, see deliveries that were not understood",
    "audit.view": "read the audit log",
    "case.merge": "join cases as duplicates, take them apart, split a message out",
    "surge.handle": "see surges, take one, put one aside with a reason",
    "mood.view": "see how the mood about each topic changes, from counts only",
    "report.view": "read the weekly report by department, and download it",
}
CAPABILITIES = {
    "comments": "Comments under posts",
    "direct_messages": "Direct messages, both ways",
    "publish": "Posts can be published",
    "edit_events": "It tells when a resident edits",
    "delete_events": "It tells when a resident deletes",
    "idempotent_send": "Drops a repeated send by its key",
    "can_find_sent": "Lets us read whether something was sent",
    "edits_comments": "Lets us change our comments",
    "edits_messages": "Lets us change our direct messages",
    "edits_posts": "Lets us change our posts",
    "edits_captions": "Lets us change words beside photos",
    "deletes_posts": "Lets us delete our posts",
    "text_limit": "Longest part of a text",
    "text_unit": "What that counts",
    "comment_limit": "Longest comment, where it is shorter",
    "reply_window_h": "Hours in which a private message may be answered",
    "human_window_h": "The same for people's own words, where the network allowed it",
    "closes_to_people": "A person may close private messages to us, or time does",
    "private_reply_days": "Days in which a comment may be answered by one private message",
    "photos_in_comments": "Photos of one answer under a post",
    "photos_in_messages": "Photos of one direct message",
    "photos_in_posts": "Photos of one post",
    "post_limit": "Longest post, where it isn't as long as any text",
    "posts_need_photo": "A post needs a photo",
    "post_photo_sides": "Width to height of a post's photos",
    "links_in_posts": "Addresses in a post can be pressed",
    "caption_limit": "Longest text beside photos",
    "signs": "Its deliveries prove where they are from",
    "by_hand": "Sends nothing: a person tells the answer",
    "comments_answered_if": "Comments are answered only if this setting is `on`",
    "account_figures": "Tells of an account in numbers",
    "post_figures": "Tells of a post in numbers",
    "audience": "Tells those whom an account reaches apart by",
    "reaction_counts": "Tells how many reactions words have",
    "reads_past": "Lets the account's past be read (`channel backfill`)",
}


def pages() -> dict[Path, str]:
    """Return every generated page and its text. Django must have started."""
    from django.utils import translation

    folder = ROOT / "docs" / "reference"
    makers = {
        "settings": settings,
        "commands": commands,
        "permissions": permissions,
        "statuses": statuses,
        "capabilities": capabilities,
        "law": law,
    }
    with translation.override("en"):
        return {folder / f"{name}.md": "\n".join(make()).rstrip() + "\n" for name, make in makers.items()}


def settings() -> Iterator[str]:
    """The environment of an installation."""
    from otklik.config.environment import SCRIPT_VARIABLES, SETTINGS

    yield "# Settings\n"
    yield _MADE.format(source="`src/otklik/config/environment.py`")
    yield "An environment variable comes first, then `otklik.toml` in the data folder, then the default. In the file"
    yield "the name loses its prefix and its capitals:\n"
    yield '```toml\npublic_url = "https://town.example"\nlog_level = "warning"\n```\n'
    yield "`OTKLIK_DATA` is a variable only: it says where the file is. A name that is no setting is refused with the"
    yield "name that may have been meant, and a value that can't be used is refused with the remedy: by `otklik up`"
    yield "before it serves, and by `otklik doctor`.\n"
    yield "| Setting | What it is | Default |\n|---|---|---|"
    for name, words in SETTINGS.items():
        yield f"| `{name}` | {words.partition(' (default')[0]} | {DEFAULTS[name]} |"
    yield "\n## What the start script reads\n"
    yield "| Variable | What it is |\n|---|---|"
    for name in sorted(SCRIPT_VARIABLES):
        yield f"| `{name}` | {SCRIPT[name]} |"
    yield "\n## Files\n"
    yield "| In `OTKLIK_DATA` | What |\n|---|---|"
    yield "| `otklik.toml` | settings; optional |"
    yield "| `otklik.sqlite3` | the database, unless another is set |"
    yield "| `keys/channels.key` | opens channels' secrets and second factors; one key a line: the first seals |"
    yield "| `keys/django.key` | signs sessions and links, and makes the keys to what waits on executors' phones |"
    yield (
        "| `keys/push.key` | tells push services who sends; made when web push is switched on. "
        "Another one ends all subscriptions |"
    )
    yield "| `media/` | files of residents and answers, by their SHA-256; `quarantine/` in it holds viruses |"
    yield "| `deployment/` | a Caddyfile and systemd units, written by `otklik init` |"
    yield "| `worker.lock` | held by the one worker of a SQLite database |"


def commands() -> Iterator[str]:
    """Every command with its options, from click itself."""
    from otklik.cli.main import otklik

    yield "# Commands\n"
    yield _MADE.format(source="the commands' own help")
    yield "Run as `./otklik COMMAND` in the project's root. Exit code 0: done; 1: it did not work, with one sentence on"
    yield "stderr; 2: wrong use. Every command has `--help`. Settings come from [the environment](settings.md).\n"
    for name in otklik.list_commands(click.Context(otklik)):
        command = otklik.get_command(click.Context(otklik), name)
        if command is None:
            raise LookupError(name)
        yield from _command(command, f"otklik {name}", depth=2)


def _command(command: click.Command, path: str, depth: int) -> Iterator[str]:
    context = click.Context(command, info_name=path)
    yield f"{'#' * depth} `{path}`\n"
    yield f"{' '.join((command.help or '').split())}\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            one = command.get_command(context, name)
            if one is not None:
                yield from _command(one, f"{path} {name}", depth + 1)
        return
    yield f"```\n{path} {' '.join(command.collect_usage_pieces(context))}\n```\n"
    if command.epilog:
        yield f"{command.epilog.replace('Example: ', 'Example: `', 1)}`\n"
    records = [one.get_help_record(context) for one in command.params if isinstance(one, click.Option)]
    rows = [(names, words) for names, words in filter(None, records)]
    if rows:
        yield "| Option | |\n|---|---|"
        yield from (f"| `{names.replace('|', chr(92) + '|')}` | {' '.join(words.split())} |" for names, words in rows)
        yield ""


def permissions() -> Iterator[str]:
    """Roles and what they allow, from the one table that decides."""
    from otklik.org.access import ROLE_PERMISSIONS, Permission
    from otklik.org.enums import Role

    yield "# Roles and permissions\n"
    yield _MADE.format(source="`src/otklik/org/access.py`")
    yield "What a role is not given here is refused. A role may be granted for the whole city or for a department; then"
    yield "it holds for that department and those under it. Several roles add up. Somebody switched off may do nothing,"
    yield "and residents need no role: they act with their case's private code.\n"
    yield "| Role | May |\n|---|---|"
    for role in Role:
        may = [f"`{one}`" for one in Permission if one in ROLE_PERMISSIONS[role]]
        yield f"| {role.label} (`{role}`) | {', '.join(may) or 'nothing in this version'} |"
    yield "\n## What each permission is for\n"
    yield "| Permission | To |\n|---|---|"
    for permission in Permission:
        yield f"| `{permission}` | {ALLOWS[permission]} |"
    yield "\n## Rules beside the table\n"
    yield "- Nobody approves an answer of one's own, except the head, who then answers in the head's own name; the"
    yield "  journal says so."
    yield "- The answer of a reopened case is approved by somebody else than the one before; the head may."
    yield "- A case that came privately is shown in public only if the resident agreed."


def statuses() -> Iterator[str]:
    """The life of a case, from the table that the services obey."""
    from otklik.cases.enums import OPEN_STATUSES, TRANSITIONS, WORKED_STATUSES, AnswerState, Outcome, Status

    yield "# Statuses of a case\n"
    yield _MADE.format(source="`src/otklik/cases/enums.py`")
    yield "A step that is not in this table can't happen: `cases.services.moving` refuses it. It also refuses a step of"
    yield "somebody who saw an older state of the case.\n"
    yield "| Status | In words | Open | An answer may be written | May become |\n|---|---|---|---|---|"
    for status in Status:
        following = ", ".join(f"`{one}`" for one in Status if one in TRANSITIONS[status]) or "nothing: it is over"
        yield (
            f"| `{status}` | {status.label} | {_yes(status in OPEN_STATUSES)} | {_yes(status in WORKED_STATUSES)} "
            f"| {following} |"
        )
    unreached = ", ".join(f"`{one}`" for one in Status if one not in reached_statuses())
    yield f"\nNo step of this version leads to {unreached}: they are declared, and wait for their screens.\n"
    yield "```mermaid\nstateDiagram-v2\n    [*] --> new\n    [*] --> assigned"
    for status in (one for one in Status if one in reached_statuses()):
        yield from (f"    {status} --> {one}" for one in Status if one in TRANSITIONS[status] & reached_statuses())
    yield "```\n"
    yield "## Outcome, apart from the status\n"
    yield "| Outcome | In words |\n|---|---|"
    yield from (f"| `{one}` | {one.label} |" for one in Outcome)
    yield "\n## An answer's way\n"
    yield "| State | In words |\n|---|---|"
    yield from (f"| `{one}` | {one.label} |" for one in AnswerState)


def reached_statuses() -> set[Status]:
    """Return the statuses to which some service leads, read from the services' source."""
    from otklik.cases.enums import Status

    names: set[str] = set()
    for file in sorted((ROOT / "src/otklik/cases/services").glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("move", "Case"):
                values = [*node.args[1:2], *(word.value for word in node.keywords if word.arg == "status")]
                parts = [part for value in values for part in ast.walk(value) if isinstance(part, ast.Attribute)]
                names |= {part.attr for part in parts if getattr(part.value, "id", "") == "Status"}
    return {Status[name] for name in names}


def law() -> Iterator[str]:
    """What each jurisdiction's pack says of networks."""
    from otklik.org.law import jurisdictions, laws_of, proxy_warning
    from otklik.residents.services.signing_in import packs

    yield "# What the law leaves a city's accounts to do\n"
    yield _MADE.format(source="`src/otklik/org/data/networks.toml` and `src/otklik/residents/data/methods.toml`")
    yield "What is restricted is off until an administrator acknowledges it, channel by channel: on the channel's"
    yield "page or by `otklik channel acknowledge`. Advertising never goes where it may not, whatever is acknowledged."
    yield "A jurisdiction without a pack of its own has `eu`. None of this is legal advice: ask your lawyer.\n"
    for name in jurisdictions():
        yield f"## `{name}`\n"
        for one in laws_of(name):
            yield f"### {one.network}: {one.law_en}\n"
            yield f"{one.words_en}\n"
            yield f"- off until acknowledged: {', '.join(one.restricted) or 'nothing'}"
            yield f"- advertising: {'may go' if one.advertising else 'never goes'} there"
            yield f"- sharing there from the site: {'may be' if one.sharing else 'is not'} offered"
            yield f"- officials are told there: {'counts and links only' if one.counts_only else 'what waits'}"
            yield f"- source: {one.source}\n"
        if not laws_of(name):
            yield "No network is named: everything is allowed as far as the pack knows.\n"
        if warning := proxy_warning(name, "en"):
            yield f"Beside a channel's proxy stands: {warning}\n"
        yield f"Signing in: {', '.join(packs()[name]['methods'])} ({packs()[name]['source']}).\n"


def capabilities() -> Iterator[str]:
    """What each network lets a city do, as its connector declares."""
    from otklik.channels.enums import Network
    from otklik.connectors.base import Capabilities
    from otklik.connectors.registry import CONNECTORS

    networks = [Network(name) for name in CONNECTORS]
    yield "# What the networks let a city do\n"
    yield _MADE.format(source="the connectors' own declarations")
    yield f"| | {' | '.join(str(one.label) for one in networks)} |\n|---|{'---|' * len(networks)}"
    for field in fields(Capabilities):
        values = [getattr(CONNECTORS[one].capabilities, field.name) for one in networks]
        yield f"| {CAPABILITIES[field.name]} | {' | '.join(_value(field.name, value) for value in values)} |"
    yield "\nWhere a repeated send is not dropped and nothing can be read, a doubt about a send is settled by a person:"
    yield "[durability](../explanation/durability.md).\n"
    yield "## What an administrator enters\n"
    for network in networks:
        yield f"### {network.label} (`{network}`)\n"
        yield "| Setting | What | |\n|---|---|---|"
        for one in CONNECTORS[network].fields:
            need = "required" if one.required else f"default `{one.default}`" if one.default else "optional"
            values = ", ".join(f"`{choice.value}` ({choice.label_en})" for choice in one.choices)
            words = " ".join(filter(None, (f"{one.label_en}.", one.help_en, values and f"One of {values}.")))
            yield f"| `{one.name}` | {words} | {'secret, ' if one.secret else ''}{need} |"
        yield ""
    yield "A secret whose name ends in `webhook_secret` or `callback_secret` is made where it is left empty."


def _yes(value: bool) -> str:  # noqa: FBT001 - a value to show, not a switch
    return "yes" if value else ""


def _value(name: str, value: object) -> str:
    if isinstance(value, bool):
        return _yes(value) or "no"
    if value is None:
        other = {
            "post_limit": "the same",
            "comment_limit": "as above",
            "human_window_h": "as above",
            "private_reply_days": "no",
        }
        return other.get(name, "no limit")
    if isinstance(value, frozenset):
        return ", ".join(str(one) for one in type(min(value)) if one in value) if value else "nothing"
    if isinstance(value, tuple):
        return " to ".join(str(one) for one in value)
    if name == "comments_answered_if":
        return f"`{value}`" if value else "always"
    if name in ("photos_in_comments", "photos_in_messages") and not value:
        return "none: a link instead"
    if name == "photos_in_posts" and not value:
        return "none"
    return f"{value} characters" if name in ("comment_limit", "caption_limit", "post_limit") else str(value)


def main() -> None:
    """Write the pages that differ."""
    sys.path.insert(0, str(ROOT / "src"))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["OTKLIK_DATA"], os.environ["DJANGO_SETTINGS_MODULE"] = folder, "otklik.config.settings"
        import django

        django.setup()
        for path, text in pages().items():
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8")
                sys.stdout.write(f"{path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
