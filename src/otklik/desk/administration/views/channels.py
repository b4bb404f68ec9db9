"""Channels: the accounts in networks, how they do, and connecting them."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from otklik.channels.connections import connector_of, hook_url
from otklik.channels.enums import Network
from otklik.channels.models import Channel
from otklik.channels.networkwords import told_findings
from otklik.channels.numbers import of_account, tells_anything
from otklik.channels.services import accepting, connecting
from otklik.channels.services.figuring import day_of
from otklik.channels.states import states_of
from otklik.common.clock import now
from otklik.common.vault import WrongKey
from otklik.connectors.base import Finding
from otklik.connectors.registry import CONNECTORS
from otklik.desk.administration.forms.channels import ChannelForm
from otklik.desk.administration.pages import attempt, city_of, done, go, own, page, press
from otklik.desk.administration.reading import refusals_of
from otklik.desk.doors import DeskRequest, door
from otklik.org.access import Permission
from otklik.org.errors import NotPossible
from otklik.org.law import Capability
from otklik.org.services.auditing import audit

managed = door(Permission.CHANNEL_MANAGE)
REFUSALS_SHOWN = 48


@managed
def channels(request: DeskRequest) -> HttpResponse:
    """List the accounts with how they do, those that need a look first."""
    rows = Channel.objects.filter(municipality=request.access.municipality_id).select_related("off_by", "municipality")
    states = states_of(rows, now=now())
    states.sort(key=lambda one: not one.needs_a_look)
    networks = [(network, Network(network).label) for network in sorted(CONNECTORS)]
    return page(request, "channels", "channels", states=states, networks=networks)


@managed
@sensitive_post_parameters()
def add(request: DeskRequest, network: str) -> HttpResponse:
    """Connect an account."""
    if network not in CONNECTORS:
        raise Http404
    form = ChannelForm(network, request.POST or None, city=city_of(request))
    made: list[Channel] = []

    @transaction.atomic
    def save() -> None:
        asked = form.cleaned_data
        channel = connecting.connect(city_of(request), network, asked["name"], asked["title"], form.values, now=now())
        audit(request.access, "channel.connected", channel.name, network=network)
        made.append(channel)

    if request.method == "POST" and attempt(form, save):
        return done(request, _("Connected. Now have the network deliver to us."), "channel", made[0].pk)
    return page(request, "channel_new", "channels", form=form, network=network, label=Network(network).label)


@managed
@sensitive_post_parameters()
def channel(request: DeskRequest, pk: int) -> HttpResponse:
    """Show an account, and take changes of its settings."""
    row = own(request, Channel, pk=pk)
    form = ChannelForm(row.network, request.POST or None, channel=row, city=city_of(request))

    @transaction.atomic
    def save() -> None:
        changed = connecting.reconfigure(row, form.values, title=form.cleaned_data["title"])
        if changed:
            audit(request.access, "channel.changed", row.name, settings=", ".join(changed))

    if request.method == "POST" and attempt(form, save):
        return done(request, _("Saved. It takes hold within seconds."), "channel", pk)
    return _channel_page(request, pk, form=form)


@managed
@require_POST
def check(request: DeskRequest, pk: int) -> HttpResponse:
    """Look at the account as it is now, and show what was found."""
    row = own(request, Channel, pk=pk)
    try:
        findings = connector_of(row).check()
    except (ValueError, WrongKey) as error:
        findings = [Finding(_("Settings"), ok=False, advice=str(error))]
    return _channel_page(request, pk, findings=findings)


@managed
@require_POST
def subscribe(request: DeskRequest, pk: int) -> HttpResponse:
    """Have the network deliver to us."""
    row = own(request, Channel, pk=pk)
    try:
        connecting.subscribe(row)
    except (NotPossible, WrongKey) as error:
        messages.error(request, str(error))
    else:
        audit(request.access, "channel.subscribed", row.name)
        messages.success(request, _("The network delivers to us now."))
    return go("channel", pk)


@managed
@require_POST
def off(request: DeskRequest, pk: int) -> HttpResponse:
    """Call an account's network no more; what comes is kept, what goes waits."""
    row = own(request, Channel, pk=pk)
    reason = request.POST.get("reason", "").strip()

    @transaction.atomic
    def switch() -> None:
        connecting.disable(row, reason, by=request.access.official, now=now())
        audit(request.access, "channel.switched_off", row.name, reason=row.off_reason)

    words = _("Switched off: nothing goes out. What comes in is kept, what is to be sent waits.")
    return press(request, switch, words, "channel", pk)


@managed
@require_POST
def on(request: DeskRequest, pk: int) -> HttpResponse:
    """Send what waited, and ask the network again."""
    row = own(request, Channel, pk=pk)

    @transaction.atomic
    def switch() -> None:
        connecting.enable(row)
        audit(request.access, "channel.switched_on", row.name)

    return press(request, switch, _("Switched on: what waited goes out now."), "channel", pk)


@managed
@require_POST
def acknowledge(request: DeskRequest, pk: int) -> HttpResponse:
    """Turn on what the law restricts, after its words were read."""
    row, capability = own(request, Channel, pk=pk), _capability(request)
    seal = request.POST.get("seal", "")

    def deed() -> None:
        if not request.POST.get("understood"):
            raise NotPossible(_("Tick that you have read what the law says."))
        accepting.accept(request.access, row, capability, seal=seal, now=now())

    return press(request, deed, _("Turned on. Who did so, and what they had read, is kept."), "channel", pk)


@managed
@require_POST
def take_back(request: DeskRequest, pk: int) -> HttpResponse:
    """Turn it off again."""
    row, capability = own(request, Channel, pk=pk), _capability(request)
    words = _("Turned off again: nothing of the kind goes out there.")
    deed = partial(accepting.take_back, request.access, row, capability, now=now())
    return press(request, deed, words, "channel", pk)


def _capability(request: DeskRequest) -> Capability:
    try:
        return Capability(request.POST.get("capability", ""))
    except ValueError as error:
        raise Http404 from error


def _channel_page(
    request: DeskRequest, pk: int, *, form: ChannelForm | None = None, findings: list[Finding] | None = None
) -> HttpResponse:
    row = own(request, Channel, pk=pk)
    [state] = states_of([row], now=now())
    return page(
        request,
        "channel",
        "channels",
        channel=row,
        state=state,
        form=form or ChannelForm(row.network, channel=row, city=city_of(request)),
        findings=None if findings is None else told_findings(findings),
        hook_url=hook_url(row),
        numbers=of_account(row, today=day_of(row, now())) if tells_anything(row) else None,
        signs=CONNECTORS[row.network].capabilities.signs,
        is_reachable=settings.ENVIRONMENT.public_url.startswith("https://"),
        refusals=refusals_of(row)[:REFUSALS_SHOWN],
        acceptances=accepting.acceptances_of(row) if state.restrictions else [],
    )
