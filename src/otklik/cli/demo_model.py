"""The demo's language model: a simulator on loopback, only where the demo was asked for one."""

from __future__ import annotations

import socket
import threading

import uvicorn

from otklik.assist.queries import settings_of
from otklik.assist.services.setting import Choice, save_model_settings
from otklik.cli.boot import fail
from otklik.common.clock import now
from otklik.org.access import Access, access_of
from otklik.org.enums import Role
from otklik.org.models import Municipality, Official
from otklik.simulators.model.simulator import ModelSimulator


def set_language_model(city: Municipality, *, wanted: bool) -> None:
    """Serve a simulator and switch it on as the demo's administrator; or switch off what an earlier run left on."""
    if wanted:
        listener = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(
            ModelSimulator(), interface="asgi3", lifespan="off", ws="none", log_level="warning", access_log=False
        )
        serving = uvicorn.Server(config).run
        threading.Thread(target=serving, kwargs={"sockets": [listener]}, name="model", daemon=True).start()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        _save(
            city,
            Choice(
                is_on=True,
                base_url=address,
                model="simulator",
                for_drafts=True,
                for_summaries=True,
                for_translation=True,
                understood=True,
            ),
        )
    elif settings_of(city.pk).is_on:
        _save(city, Choice(is_on=False, base_url="", model=""))


def _save(city: Municipality, choice: Choice) -> None:
    save_model_settings(_administrator(city), choice, now=now())


def _administrator(city: Municipality) -> Access:
    official = Official.objects.filter(municipality=city, is_active=True, grants__role=Role.ADMIN).first()
    if official is None:
        fail("the demo city has no administrator who could switch a language model on")
    return access_of(official)
