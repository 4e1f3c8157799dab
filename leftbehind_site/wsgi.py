"""What the production server loads: `granian --interface wsgi leftbehind_site.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leftbehind_site.settings")

application = get_wsgi_application()
