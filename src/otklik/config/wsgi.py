"""Django as a WSGI application, served by granian behind the gate."""

import multiprocessing
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from otklik.common.rubbish import PAGES, keep_out_of_rubbish
from otklik.config.supervisor import die_with_parent

if multiprocessing.parent_process() is not None:
    # granian's worker: left alone by a killed parent it would keep the port and answer beside the next one.
    die_with_parent()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "otklik.config.settings")
application = get_wsgi_application()
get_resolver().reverse_dict  # noqa: B018 - loads every address and its views now, not in the first request
keep_out_of_rubbish(PAGES)
