"""ActivityPub: the head of the city in the fediverse, at an address of the city's own site.

Our words are published at our own address (`send` only names it), and then handed over to others' servers one by one
(channels.services.dispatching). Source: https://www.w3.org/TR/activitypub/; README.md beside this file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

import httpx

from otklik.connectors.activitypub import objects
from otklik.connectors.activitypub.addresses import CONTAINER, Home
from otklik.connectors.activitypub.calling import Caller
from otklik.connectors.activitypub.fields import FIELDS
from otklik.connectors.activitypub.parsing import events_of
from otklik.connectors.activitypub.reading import check_own, read
from otklik.connectors.activitypub.signatures import claim_of, is_signed_by, load_private, public_of
from otklik.connectors.base import (
    Capabilities,
    ChannelConfig,
    Claim,
    Finding,
    Malformed,
    NotAuthentic,
    SendFailed,
    SendUnknown,
    SettingField,
    body_digest,
)
from otklik.connectors.events import Draft, DraftKind, Event, Fetched, HookReply, Receipt, Webhook
from otklik.connectors.fetching import download
from otklik.connectors.figures import Figure
from otklik.connectors.said import said
from otklik.connectors.splitting import split_text

TEXT_LIMIT = 50_000
"""Servers name no limit for what comes from others, and fold what is long."""
_USERNAME = re.compile(r"[A-Za-z0-9_]{1,30}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Key:
    """A key that we know: whose it is, and its public half."""

    actor: str
    pem: str


@dataclass(frozen=True, slots=True)
class ActivityPub:
    """Our actor. `keys`: those of others that are known here; where they are kept, the worker hands them in."""

    network: ClassVar[str] = "activitypub"
    capabilities: ClassVar[Capabilities] = Capabilities(
        comments=True,
        direct_messages=True,
        publish=True,
        edit_events=True,
        delete_events=True,
        idempotent_send=True,
        edits_comments=True,
        edits_messages=True,
        edits_posts=True,
        edits_captions=True,
        deletes_posts=True,
        photos_in_posts=20,
        text_limit=TEXT_LIMIT,
        account_figures=frozenset({Figure.FOLLOWERS}),
        post_figures=frozenset({Figure.LIKES, Figure.SHARES}),
        reaction_counts=True,
    )
    fields: ClassVar[tuple[SettingField, ...]] = FIELDS

    home: Home
    persona: objects.Persona
    caller: Caller = field(repr=False)
    keys: Mapping[str, Key] = field(default_factory=dict, repr=False)

    @classmethod
    def from_config(cls, config: ChannelConfig) -> Self:
        """Build from an administrator's settings. Raises ValueError naming the setting that is wrong."""
        settings = config.settings
        username = settings.get("username", "").strip()
        if _USERNAME.fullmatch(username) is None:
            raise ValueError("username: Latin letters, digits and _, at most thirty")
        pem = config.secrets.get("private_key", "").strip()
        try:
            load_private(pem)
        except ValueError as error:
            raise ValueError(f"private_key: {error}") from None
        kind = settings.get("kind", "").strip() or "person"
        if kind not in ("person", "organisation"):
            raise ValueError("kind: person or organisation")
        site = config.hook_url.partition("/hooks/")[0]
        home = Home(site, username, config.hook_url)
        persona = objects.Persona(
            name=settings.get("display_name", "").strip() or username,
            summary=settings.get("about", "").strip(),
            public_key=public_of(pem),
            icon=f"{site}/static/otklik/app-512.png",
            is_person=kind == "person",
        )
        return cls(home, persona, Caller(home, pem, config.http))

    @property
    def http(self) -> Callable[[], httpx.Client]:
        """The client that obeys the guard."""
        return self.caller.http

    def knowing(self, keys: Mapping[str, Key]) -> Self:
        """Return the same account that knows these keys of others."""
        return replace(self, keys=keys)

    def claim(self, hook: Webhook) -> Claim:
        """Return whose signature a POST shows and who is said to speak. Raises NotAuthentic."""
        scheme = self.home.site.partition(":")[0]
        claim = claim_of(hook, host=self.home.host, scheme=scheme)
        try:
            activity = read(hook)
        except Malformed as error:
            raise NotAuthentic(str(error)) from None
        check_own(activity, claim.key_id)
        return replace(claim, speaker=activity.actor)

    def verify(self, hook: Webhook) -> None:
        """Raise NotAuthentic unless a key that we know, of the very actor, signed it."""
        claim = self.claim(hook)
        key = self.keys.get(claim.key_id)
        if key is None or not self.proves(claim, key):
            raise NotAuthentic("activitypub: not signed by a key of the actor's")

    def proves(self, claim: Claim, key: Key) -> bool:
        """Return whether this key is the speaker's and made the signature."""
        try:
            return key.actor == claim.speaker and is_signed_by(key.pem, claim)
        except ValueError:
            return False

    def delivery_key(self, hook: Webhook) -> str:
        """Return the activity's id, or a digest of the body where there is none."""
        try:
            return read(hook).key
        except Malformed:
            return body_digest(hook)

    def acknowledge(self, hook: Webhook) -> HookReply:
        """Return an empty 200."""
        return HookReply()

    def parse(self, hook: Webhook) -> list[Event]:
        """Return what happened: one event. Raises Malformed if the body is no activity."""
        return events_of(self.home, hook)

    def split(self, text: str, *, first: int | None = None) -> list[str]:
        """Cut a text into parts."""
        return split_text(text, TEXT_LIMIT, first=first)

    def takes_photos(self, kind: DraftKind) -> bool:
        """Return whether they go along: a post's have a public address that others' servers fetch them from."""
        return kind is DraftKind.POST

    def send(self, draft: Draft) -> Receipt:
        """Return where the words stand from now on: at our own address. Raises SendFailed for what can't be said."""
        _check_words(draft)
        is_post = draft.kind is DraftKind.POST
        address = self.home.post(draft.idempotency_key) if is_post else self.home.note(draft.idempotency_key)
        return Receipt(
            external_id=address,
            container=CONTAINER,
            thread_key=draft.target.thread_key,
            permalink=address,
            post_external_id=address if is_post else "",
        )

    def find_sent(self, draft: Draft) -> Receipt | None:
        """Raise SendUnknown always: nothing leaves us here, and saying it again is safe."""
        raise SendUnknown(said("whether it was said is known by its address alone"))

    def takes_edits(self, kind: DraftKind, *, with_photos: bool = False) -> bool:
        """Return whether words of this kind may be changed: all of them."""
        return True

    def edit(self, draft: Draft, sent: Receipt) -> None:
        """Take new words for what stands at our address. Raises SendFailed for what isn't ours."""
        if not self.home.is_ours(sent.external_id):
            raise SendFailed(said("this isn't one of our notes"), permanent=True)
        _check_words(draft)

    def find_edit(self, draft: Draft, sent: Receipt) -> bool:
        """Raise SendUnknown always: the same words once more change nothing."""
        raise SendUnknown(said("whether it was said is known by its address alone"))

    def takes_deletion(self) -> bool:
        """Return True: what stands at our address is ours to take back."""
        return True

    def delete(self, sent: Receipt) -> None:
        """Take a post back; others' servers are told apart. Raises SendFailed for what isn't ours."""
        if not self.home.is_ours(sent.external_id):
            raise SendFailed(said("this isn't one of our notes"), permanent=True)

    def find_deletion(self, sent: Receipt) -> bool:
        """Raise SendUnknown always: taking it back once more changes nothing."""
        raise SendUnknown(said("whether it was said is known by its address alone"))

    def fetch_file(self, source_ref: str, url: str, *, most: int) -> Fetched:
        """Return a file by the address that came with it. Raises SendFailed."""
        if not url:
            raise SendFailed(said("there is no address of the file"), permanent=True)
        return Fetched(download(self.http, url, most=most))

    def subscribe(self, hook_url: str) -> None:
        """Do nothing: others' servers deliver to the inbox that our actor's page names."""

    def check(self) -> list[Finding]:
        """Look at ourselves as another server does: by WebFinger, then at the actor's page."""
        is_https = self.home.site.startswith("https://")
        advice = said("the fediverse needs a public address with https (OTKLIK_PUBLIC_URL)")
        findings = [Finding(said("public address"), ok=is_https, advice="" if is_https else advice)]
        address = f"{self.home.site}/.well-known/webfinger?resource=acct:{self.home.handle}"
        findings.append(self._look(said("WebFinger"), address, "application/jrd+json"))
        findings.append(self._look(said("the actor's page"), self.home.actor, objects.CONTENT_TYPE))
        return findings

    def _look(self, what: str, address: str, kind: str) -> Finding:
        try:
            with self.http() as client, client.stream("GET", address, headers={"accept": kind}) as answer:
                ok = answer.status_code == httpx.codes.OK and answer.headers.get("content-type", "").startswith(kind)
        except (httpx.HTTPError, httpx.InvalidURL):
            ok = False
        return Finding(what, ok=ok, advice="" if ok else said("it can't be read at our public address"))


def _check_words(draft: Draft) -> None:
    if not draft.text.strip():
        raise SendFailed(said("there are no words to send"), permanent=True)
    if len(draft.text) > TEXT_LIMIT:
        raise SendFailed(said("the text is longer than %(limit)s characters", limit=TEXT_LIMIT), permanent=True)
