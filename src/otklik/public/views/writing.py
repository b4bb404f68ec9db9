"""Writing to the city: the form, a comment, and the page that shows what became of it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from otklik.cases.enums import CaseKind
from otklik.cases.queries import fate_of_submission, journal_of, sent_answers_of
from otklik.cases.standing import standing
from otklik.channels.enums import Decision
from otklik.common import clock
from otklik.connectors.site.connector import Submission
from otklik.org.models import Municipality
from otklik.posts.queries import post_of_thread
from otklik.public import limits
from otklik.public.doors import private_page, show
from otklik.public.forms import CommentForm, WriteForm
from otklik.public.me import account_from
from otklik.public.submitting import own_channel, take
from otklik.public.timeline import steps_of
from otklik.public.uploads import Uploads, uploads_of
from otklik.public.views.posts import post_or_404


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def write(request: HttpRequest, city: Municipality) -> HttpResponse:
    """Show the form; take what is sent, and lead to the page that shows what becomes of it."""
    channel = own_channel(city)
    if channel is None:
        return show(request, city, "public/write_closed.html", {"section": "write"}, status=503)
    form = WriteForm(request.POST) if request.method == "POST" else WriteForm()
    account = account_from(request, city)
    context = {"section": "write", "form": form, "account": account}
    if request.method != "POST":
        return show(request, city, "public/write.html", {**context, "uploads": Uploads()})
    uploads = uploads_of(request, city, now=clock.now())
    context["uploads"] = uploads
    if not form.is_valid() or uploads.refused:
        return show(request, city, "public/write.html", context, status=422)
    if not limits.may_write(request, city):
        return show(request, city, "public/write.html", {**context, "too_many": True}, status=429)
    given = form.cleaned_data
    submission = Submission(
        submission_id=form.key(uploads.files),
        text=given["text"],
        # Known by the account alone: whoever wants to be nobody is nobody, signed in or not.
        visitor=account.visitor if account is not None and not given["anonymous"] else "",
        name=given["name"],
        contact=given["contact"],
        may_publish=bool(given["may_publish"]),
        sent_at=clock.now(),
        files=uploads.told(),
    )
    return redirect("public:sent", key=take(channel, submission, now=clock.now()), permanent=False)


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def comment(request: HttpRequest, city: Municipality, slug: str) -> HttpResponse:
    """Show the comment form (alone for htmx, on a page of its own without it); take what is sent."""
    post = post_or_404(city, slug)
    channel = own_channel(city)
    if channel is None:
        return show(request, city, "public/write_closed.html", {"section": "news"}, status=503)
    form = CommentForm(request.POST) if request.method == "POST" else CommentForm()
    uploads = uploads_of(request, city, now=clock.now()) if request.method == "POST" else Uploads()
    context = {"section": "news", "form": form, "post": post, "uploads": uploads}
    if request.method != "POST":
        alone = request.headers.get("HX-Request") == "true"
        return show(request, city, "public/comment_form.html" if alone else "public/comment.html", context)
    if not form.is_valid() or uploads.refused:
        return show(request, city, "public/comment.html", context, status=422)
    if not limits.may_write(request, city):
        return show(request, city, "public/comment.html", {**context, "too_many": True}, status=429)
    submission = Submission(
        submission_id=form.key(uploads.files),
        text=form.cleaned_data["text"],
        name=form.cleaned_data["name"],
        post=str(post.pk),
        sent_at=clock.now(),
        files=uploads.told(),
    )
    return redirect("public:sent", key=take(channel, submission, now=clock.now()))


@require_safe
@private_page
def sent(request: HttpRequest, city: Municipality, key: str) -> HttpResponse:
    """Show what became of something sent: being read, in a case with its private code, or with a person."""
    fate = fate_of_submission(city.pk, f"submission:{key}")
    if fate is None:
        raise Http404
    message, case = fate.message, fate.case
    # A private code lets one act for whoever opened the case; a voice that joined it only follows.
    opened_it = message is not None and message.decision == Decision.OPENED
    context = {
        "section": "write",
        "fate": fate,
        "post": post_of_thread(message.thread) if message is not None else None,
        "case": case,
        "waiting": fate.state == "received" or (message is not None and message.decision == Decision.PENDING),
        "is_own": opened_it,
        "is_question": case is not None and case.kind == CaseKind.QUESTION,
        "steps": steps_of(case, journal_of(case), now=clock.now(), own=opened_it) if case is not None else [],
        "standing": standing(case) if case is not None else None,
        "answers": [{"answer": a, "text": a.text} for a in sent_answers_of(case)] if case is not None else [],
    }
    return show(request, city, "public/sent.html", context)
