"""The staff's addresses, all under /desk/ and all behind the door (desk.doors)."""

from __future__ import annotations

from django.urls import include, path

from otklik.desk import (
    acting,
    bulk,
    head,
    inbox,
    live,
    machine,
    mood,
    notices,
    posts,
    savedviews,
    sorting,
    surges,
    undelivered,
)

app_name = "desk"
urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("pulse/", inbox.pulse, name="pulse"),
    path("bulk/", bulk.act, name="bulk"),
    path("bulk/<int:action_id>/undo/", bulk.take_back, name="bulk_undo"),
    path("views/", savedviews.listing, name="views"),
    path("views/save/", savedviews.save, name="view_save"),
    path("views/<int:view_id>/rename/", savedviews.rename, name="view_rename"),
    path("views/<int:view_id>/move/", savedviews.move, name="view_move"),
    path("views/<int:view_id>/delete/", savedviews.delete, name="view_delete"),
    path("views/<int:view_id>/restore/", savedviews.restore, name="view_restore"),
    path("ticket/", live.ticket, name="ticket"),
    path("head/", head.morning, name="head"),
    path("cases/<int:number>/", inbox.case, name="case"),
    *acting.patterns(),
    path("sort/", sorting.queue, name="sort"),
    path("sort/<int:message_id>/", sorting.message, name="sort_message"),
    path("sort/<int:message_id>/open/", sorting.open_case, name="sort_open"),
    path("sort/<int:message_id>/join/", sorting.join, name="sort_join"),
    path("sort/<int:message_id>/aside/", sorting.set_aside, name="sort_aside"),
    path("surges/strip/", surges.strip, name="surge_strip"),
    path("surges/<int:surge_id>/", surges.surge, name="surge"),
    path("surges/<int:surge_id>/take/", surges.take, name="surge_take"),
    path("surges/<int:surge_id>/dismiss/", surges.dismiss, name="surge_dismiss"),
    path("mood/", mood.mood, name="mood"),
    path("notices/", notices.listing, name="notices"),
    path("notices/<int:notice_id>/seen/", notices.seen, name="notices_seen"),
    path("cases/<int:number>/machine/translation/<int:message_id>/", machine.translate, name="machine_translate"),
    path("cases/<int:number>/machine/<slug:use>/", machine.ask, name="machine_ask"),
    path("machine/<int:row_id>/cancel/", machine.cancel, name="machine_cancel"),
    path("undelivered/", undelivered.listing, name="undelivered"),
    path("undelivered/<int:outgoing_id>/sent/", undelivered.mark_sent, name="undelivered_sent"),
    path("undelivered/<int:outgoing_id>/again/", undelivered.send_again, name="undelivered_again"),
    path("undelivered/<int:outgoing_id>/stop/", undelivered.give_up, name="undelivered_stop"),
    path("posts/", posts.listing, name="posts"),
    path("posts/new/", posts.new, name="post_new"),
    path("administration/", include("otklik.desk.administration.urls")),
]
