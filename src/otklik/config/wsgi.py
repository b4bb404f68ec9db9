"""Django as a WSGI application, served by granian behind the gate."""

import multiprocessing
import os

from django.core.wsgi import get_wsgi_application

from otklik.common.rubbish import PAGES, keep_out_of_rubbish
from otklik.config.loading import load_pages
from otklik.config.supervisor import die_with_parent

if multiprocessing.parent_process() is not None:
    # granian's worker: left alone by a killed parent it would keep the port and answer beside the next one.
    die_with_parent()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "otklik.config.settings")
application = get_wsgi_application()
load_pages()
keep_out_of_rubbish(PAGES)
