"""Instagram: publishing a post: containers that Meta fills from our public addresses, then one call that shows them.

Source: https://developers.facebook.com/docs/instagram-platform/content-publishing. A container that is never published
is seen by nobody and dies after a day, so every failure before the last call means that nothing was published.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from otklik.connectors.base import SendFailed, SendUnknown
from otklik.connectors.events import Draft, Photo, Receipt
from otklik.connectors.instagram.account import Account
from otklik.connectors.instagram.answers import Container, Made, PublishedPage, PublishedPost, Quotas
from otklik.connectors.instagram.reading import number_of
from otklik.connectors.instagram.sending import is_older
from otklik.connectors.said import said

CAPTION_LIMIT = 2200
MOST_PHOTOS = 10
TALLEST, WIDEST = 4 / 5, 1.91
"""Width to height, as Meta takes photos for the feed."""
_SLACK = 0.01
_PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Between two looks at a container; then the row waits for its next turn and makes new ones."""
_NEXT_TURN_S = 60.0
_QUOTA_TURN_S = 3600.0
_NEWEST = "50"


def publish(account: Account, draft: Draft) -> Receipt:
    """Publish one post with its photos. Raises SendFailed, SendUnknown."""
    for number, photo in enumerate(draft.photos, 1):
        _check(account, photo, number)
    try:
        _ask_quota(account)
        container = _container(account, draft)
        _wait(account, container)
    except SendUnknown as error:
        raise SendFailed(str(error), permanent=False) from error
    made = account.graph.post(f"{account.id}/media_publish", {"creation_id": container}, Made)
    number_there = number_of(made.id)
    if not number_there:
        raise SendUnknown(said("Instagram gave the post no number"))
    return _receipt(number_there, _permalink(account, number_there))


def find_post(account: Account, draft: Draft) -> Receipt | None:
    """Return our newest post with exactly this caption, published since it was queued; None: certainly not there."""
    asked = {"fields": "id,caption,timestamp,permalink", "limit": _NEWEST}
    for post in account.graph.get(f"{account.id}/media", asked, PublishedPage).data:
        if post.caption == draft.text and not is_older(post.timestamp, draft.queued_at):
            return _receipt(number_of(post.id), post.permalink)
    return None


def _check(account: Account, photo: Photo, number: int) -> None:
    address = urlsplit(photo.url)
    # A simulated network is reached by plain http, and fetches so too.
    if address.scheme != "https" and not (address.scheme == "http" and account.graph.base.startswith("http://")):
        words = said("Instagram fetches photos from a public https address: set OTKLIK_PUBLIC_URL to the site's own")
        raise SendFailed(words, permanent=True)
    if photo.mime != "image/jpeg":
        raise SendFailed(said("Instagram takes only JPEG: photo %(number)s is another", number=number), permanent=True)
    if photo.height and not TALLEST - _SLACK <= photo.width / photo.height <= WIDEST + _SLACK:
        words = said(
            "Instagram takes photos from 4:5 to 1.91:1: crop photo %(number)s and publish it there by hand",
            number=number,
        )
        raise SendFailed(words, permanent=True)


def _ask_quota(account: Account) -> None:
    """Meta's texts name now 50, now 100 posts a day: the account itself is asked."""
    path = f"{account.id}/content_publishing_limit"
    for quota in account.graph.get(path, {"fields": "config,quota_usage"}, Quotas).data:
        if quota.config is not None and 0 < quota.config.quota_total <= quota.quota_usage:
            words = said("Instagram takes %(most)s posts a day, and they are used up", most=quota.config.quota_total)
            raise SendFailed(words, permanent=False, retry_after_s=_QUOTA_TURN_S)


def _container(account: Account, draft: Draft) -> str:
    if len(draft.photos) == 1:
        return _made(account, {"caption": draft.text, **_shown(draft.photos[0])})
    children = [_made(account, {"is_carousel_item": "true", **_shown(photo)}) for photo in draft.photos]
    return _made(account, {"media_type": "CAROUSEL", "caption": draft.text, "children": ",".join(children)})


def _shown(photo: Photo) -> dict[str, str]:
    return {"image_url": photo.url, **({"alt_text": photo.alt} if photo.alt else {})}


def _made(account: Account, params: dict[str, str]) -> str:
    number = number_of(account.graph.post(f"{account.id}/media", params, Made).id)
    if not number:
        raise SendFailed(said("Instagram gave a photo no number"), permanent=False)
    return number


def _wait(account: Account, container: str) -> None:
    for pause_s in (*_PAUSES_S, None):
        state = account.graph.get(container, {"fields": "status_code,status"}, Container)
        match state.status_code:
            case "FINISHED":
                return
            case "ERROR" | "EXPIRED":
                words = said("Instagram couldn't take a photo: %(words)s", words=state.status[:200])
                raise SendFailed(words, permanent=state.status_code == "ERROR")
        if pause_s is not None:
            account.pause(pause_s)
    raise SendFailed(said("Instagram is still working on the photos"), permanent=False, retry_after_s=_NEXT_TURN_S)


def _permalink(account: Account, number: str) -> str:
    """The post is there: a link that can't be read now must not make it doubtful."""
    try:
        return account.graph.get(number, {"fields": "id,permalink"}, PublishedPost).permalink
    except (SendFailed, SendUnknown):
        return ""


def _receipt(number: str, permalink: str) -> Receipt:
    page = permalink if permalink.startswith("https://") else ""
    return Receipt(number, container="media", thread_key=f"media:{number}", permalink=page, post_external_id=number)
