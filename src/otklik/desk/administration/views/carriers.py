"""How the city sends to its officials: mail server, bot, the hour of digests, and letters that were not sent."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from otklik.common.clock import now
from otklik.desk.administration.forms.carriers import BotForm, HourForm, MailForm, PushForm
from otklik.desk.administration.pages import attempt, done, go, own, page, press
from otklik.desk.doors import DeskRequest, door
from otklik.desk.paging import page as rows_of
from otklik.insights.services.preparing import digest_hour, set_digest_hour
from otklik.notices.enums import Way
from otklik.notices.letters import TELEGRAM, Letter
from otklik.notices.services.carrying import carrier_of, save_bot, save_mail, try_mail
from otklik.notices.services.posting import dead_letters, give_up, send_again
from otklik.notices.services.pushing import save_push
from otklik.org.access import Permission


@door(Permission.CITY_MANAGE)
def carriers(request: DeskRequest) -> HttpResponse:
    """Show the ways out and what could not be sent; each form is kept by itself."""
    access = request.access
    which = request.POST.get("which", "")
    mail, bot, push = (carrier_of(access.municipality_id, way) for way in (Way.EMAIL, Way.TELEGRAM, Way.PUSH))
    mail_form = MailForm(mail, request.POST if which == "mail" else None)
    bot_form = BotForm(bot, request.POST if which == "bot" else None)
    push_form = PushForm(request.POST if which == "push" else None, initial={"is_on": push.is_on}, prefix="push")
    hour = {"digest_at": digest_hour(access.municipality_id)}
    hour_form = HourForm(request.POST if which == "hour" else None, initial=hour, prefix="hour")
    if which == "mail" and attempt(mail_form, lambda: save_mail(access, mail_form.server)):
        return done(request, _("Saved."), "carriers")
    if which == "bot" and attempt(bot_form, lambda: _keep_bot(request, bot_form)):
        return done(request, _("Saved."), "carriers")
    if which == "push" and attempt(push_form, lambda: save_push(access, is_on=push_form.cleaned_data["is_on"])):
        return done(request, _("Saved."), "carriers")
    if which == "hour" and attempt(hour_form, lambda: set_digest_hour(access, hour_form.cleaned_data["digest_at"])):
        return done(request, _("Saved."), "carriers")
    letters, following = rows_of(dead_letters(access), request.GET)
    wrong = any(form.errors for form in (mail_form, bot_form, hour_form) if form.is_bound)
    return page(
        request,
        "carriers",
        "carriers",
        status=422 if wrong else 200,
        mail=mail,
        bot=bot,
        mail_form=mail_form,
        bot_form=bot_form,
        push_form=push_form,
        hour_form=hour_form,
        letters=letters,
        following=following,
    )


@door(Permission.CITY_MANAGE)
@require_POST
def mail_try(request: DeskRequest) -> HttpResponse:
    """Send the administrator a letter; what is wrong is said on the page."""
    words = _("Sent: look into your mailbox.")
    return press(request, lambda: try_mail(request.access, now=now()), words, "carriers")


@door(Permission.CITY_MANAGE)
@require_POST
def letter_again(request: DeskRequest, letter_id: int) -> HttpResponse:
    """Queue a dead letter anew."""
    letter = own(request, Letter, pk=letter_id)
    if not send_again(request.access, letter, now=now()):
        return go("carriers")
    return done(request, _("It is on its way again."), "carriers")


@door(Permission.CITY_MANAGE)
@require_POST
def letter_drop(request: DeskRequest, letter_id: int) -> HttpResponse:
    """Let a dead letter be."""
    letter = own(request, Letter, pk=letter_id)
    give_up(request.access, [letter.pk], now=now())
    return done(request, _("Given up."), "carriers")


def _keep_bot(request: DeskRequest, form: forms.Form) -> None:
    said = form.cleaned_data
    save_bot(request.access, is_on=said["is_on"], token=said["token"], base=said.get("base") or TELEGRAM)
