"""Django's settings. What differs between machines comes from `environment.py`; the rest is decided here."""

import os
import sys
from datetime import timedelta
from pathlib import Path

from leftbehind_site.common import headers, limits
from leftbehind_site.environment import (
    PROJECT_ROOT,
    SQLITE,
    VAR,
    Access,
    ConfigurationError,
    Environment,
    Work,
    database_settings,
)

try:
    ENVIRONMENT = Environment.read(os.environ, PROJECT_ROOT / ".env")
except ConfigurationError as error:
    # A clean stop: whoever starts the site needs the message, not a traceback through the framework.
    sys.exit(str(error))

BASE_DIR = PROJECT_ROOT

# --- who may ask, and how

SECRET_KEY = ENVIRONMENT.secret_key
DEBUG = ENVIRONMENT.debug
SITE_URL = ENVIRONMENT.site_url
"""The origin of every canonical address, without a slash at its end."""

SITE_FACTS = "leftbehind_site.context.facts"
"""What tells the group's standing facts to pages and files; see ``common.site``."""

ARCHIVE_FROZEN = ENVIRONMENT.archive_frozen
"""Whether nothing changes the site any more; see ``frozen.py``."""
DESK = ENVIRONMENT.has_desk
"""Whether editors work in this process. Without a desk it reads only: requests, pages and database."""

ADMIN_PATH = ENVIRONMENT.admin_path
"""The first segment of the editing desk's addresses."""

SECOND_FACTOR_REQUIRED = ENVIRONMENT.second_factor_required
TRUST_PROXY_HEADERS = ENVIRONMENT.trust_proxy_headers

ALLOWED_HOSTS = ENVIRONMENT.hosts
FORMER_HOSTS = ENVIRONMENT.hosts_sent_on
"""Host names of the former site that are sent on to ``SITE_URL``."""
CSRF_TRUSTED_ORIGINS = [SITE_URL]
# Django's own page names the framework and brings a style along, which the policy forbids.
CSRF_FAILURE_VIEW = "leftbehind_site.views.stale_form"

SECURE_SSL_REDIRECT = ENVIRONMENT.https
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # asked from inside the machine, by a container's health check
SECURE_HSTS_SECONDS = headers.HSTS_SECONDS if ENVIRONMENT.https else 0
SESSION_COOKIE_SECURE = ENVIRONMENT.https
CSRF_COOKIE_SECURE = ENVIRONMENT.https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUST_PROXY_HEADERS else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = headers.REFERRER_POLICY
SECURE_CROSS_ORIGIN_OPENER_POLICY = headers.OPENER_POLICY
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {**headers.PAGE, "upgrade-insecure-requests": ENVIRONMENT.https},
}
# Static files are for this site's own pages.
WHITENOISE_ALLOW_ALL_ORIGINS = False
# Every page names a file with its hash, and each file there is looked at before the first is sent.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# The other limits are kept by ``leftbehind_site.serving.guarding``.
DATA_UPLOAD_MAX_MEMORY_SIZE = limits.FORM_BYTES
DATA_UPLOAD_MAX_NUMBER_FIELDS = limits.FIELDS
DATA_UPLOAD_MAX_NUMBER_FILES = limits.FILES

SILENCED_SYSTEM_CHECKS = [
    # X-Frame-Options comes from ``headers.SecurityHeaders``, which says the same as the policy beside it.
    "security.W002",
    # HSTS for subdomains and in browsers' built-in lists binds names that are not this site's to decide on.
    "security.W005",
    "security.W021",
]

# --- the code

INSTALLED_APPS = [
    "leftbehind_site",
    "neighbourhoods",
    "appg",
    "simple_history",
    "django_prose_editor",
    "leftbehind_site.desk.apps.DeskAdminConfig",
    "django_guid",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

# Sessions, sign-in and messages serve the admin alone: public pages touch none of them and set no cookie.
OF_THE_DESK = frozenset(
    {
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django_otp.middleware.OTPMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "simple_history.middleware.HistoryRequestMiddleware",
        "axes.middleware.AxesMiddleware",
    }
)
MIDDLEWARE = [
    # First: every answer passes it, whoever gives it.
    "leftbehind_site.common.headers.SecurityHeaders",
    # Whatever the others have to say of a request is found by its id.
    "leftbehind_site.logs.identified",
    # Before the next one, which would send a former host name to its own https address.
    "leftbehind_site.redirects.FormerHosts",
    "django.middleware.security.SecurityMiddleware",
    "leftbehind_site.caching.Revalidated",
    # Before anything is answered: it refuses an unknown host.
    "django.middleware.common.CommonMiddleware",
    "leftbehind_site.static_files.StaticFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    # Tells an item's history who made a change.
    "simple_history.middleware.HistoryRequestMiddleware",
    # Answers an attempt to log in that is one too many with the page that says so.
    "axes.middleware.AxesMiddleware",
    # What the others add to an answer is on the answers of these two as well.
    "leftbehind_site.serving.guarding.Guard",
    "leftbehind_site.redirects.FormerAddresses",
]
if not DESK:
    # What serves the editing desk goes with it, but for the tables that the record refers to.
    INSTALLED_APPS.remove("leftbehind_site.desk.apps.DeskAdminConfig")
    MIDDLEWARE = [name for name in MIDDLEWARE if name not in OF_THE_DESK]
    # The libraries' checks of what has been left out: no form is answered that could be forged.
    SILENCED_SYSTEM_CHECKS += ["axes.W002", "axes.W003", "security.W003"]

# ``FormerAddresses`` knows whether a page stands behind a missing slash; one that is unknown is no detour.
APPEND_SLASH = False

ROOT_URLCONF = "leftbehind_site.urls"
WSGI_APPLICATION = "leftbehind_site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PROJECT_ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "leftbehind_site.context.site",
            ],
        },
    },
]

# --- the data

DATABASES = {
    "default": database_settings(
        ENVIRONMENT.database_url,
        access=Access.FROZEN if ARCHIVE_FROZEN else Access.WRITE if DESK else Access.READ,
        work=Work.of(sys.argv),
    )
}
if DATABASES["default"]["ENGINE"] == SQLITE and Path(DATABASES["default"]["NAME"]).parent == VAR:
    VAR.mkdir(exist_ok=True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- the editors' log-in (see ``desk/`` and docs/decisions/0030)

AUTHENTICATION_BACKENDS = (
    ["leftbehind_site.desk.backend.DeskBackend"] if DESK else ["django.contrib.auth.backends.ModelBackend"]
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "UserAttributeSimilarityValidator": {},
        "MinimumLengthValidator": {"min_length": 12},
        "CommonPasswordValidator": {},
        "NumericPasswordValidator": {},
    }.items()
]

# They end an hour after the last page of the desk, or with the browser. Pages for the public renew nothing.
SESSION_COOKIE_AGE = 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# Lax: whoever follows a link in a letter to a draft is still logged in; no other site's forms are believed.
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
# Browsers take a cookie of such a name from this very host alone, and by https alone.
_PREFIX = "__Host-" if ENVIRONMENT.https else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_PREFIX}sessionid", f"{_PREFIX}csrftoken"

OTP_TOTP_ISSUER = SITE_URL.partition("://")[2]
# Phones keep time. A drift learnt from one code that was typed late would make the next ones fail.
OTP_TOTP_SYNC = False

# Failures of an account or of an address; ``desk.locks`` says how many of which.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_HANDLER = "leftbehind_site.desk.locks.Failures"
AXES_CLIENT_IP_CALLABLE = "leftbehind_site.desk.locks.source_of"
AXES_USERNAME_CALLABLE = "leftbehind_site.desk.locks.account_of"
AXES_LOCKOUT_CALLABLE = "leftbehind_site.desk.locks.locked_out"
AXES_RESET_ON_SUCCESS = True
# Trying again while locked out does not make it longer.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
# Nothing is kept of those who did log in; the log says it.
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False

# --- language and place

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True
# Numbers are formatted once, in Python, where their unit is known; templates print them as they come.
USE_THOUSAND_SEPARATOR = False

# --- static files

STATIC_URL = "/static/"
STATIC_ROOT = ENVIRONMENT.static_root
STATICFILES_DIRS = [PROJECT_ROOT / "static"]
STORAGES = {
    # What editors upload: never half a file.
    "default": {"BACKEND": "appg.storage.WholeFiles"},
    # Names carry a hash of the content, so browsers may keep a file for ever; compressed when collected.
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- uploaded files

# Served by appg.uploads alone, which decides how; there is no address of the folder itself.
MEDIA_ROOT = ENVIRONMENT.media_root

# --- finished pages

PUBLISHED_ROOT = ENVIRONMENT.published_root

# --- messages

# The id is for the log alone. In answers it would make each different from its published and exported bytes.
DJANGO_GUID = {"GUID_HEADER_NAME": "X-Request-ID", "RETURN_HEADER": False, "EXPOSE_HEADER": False}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} [{request_id}]: {message}", "style": "{"},
        "json": {"()": "leftbehind_site.logs.JsonLine"},
    },
    "filters": {
        "without_queries": {"()": "leftbehind_site.logs.WithoutQueries"},
        "seldom": {"()": "leftbehind_site.logs.Seldom"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": ENVIRONMENT.log_format,
            "filters": ["without_queries"],
        }
    },
    "root": {"handlers": ["stderr"], "level": ENVIRONMENT.log_level},
    "loggers": {
        "django": {"handlers": [], "level": ENVIRONMENT.log_level, "propagate": True},
        # The development server's lines go the same way as all others.
        "django.server": {"handlers": [], "propagate": True},
        # At level DEBUG these would write statements and variables, and what was typed along with them.
        "django.db.backends": {"level": "INFO"},
        # A line for each attempt to reach a server that is away. It alone knows why.
        "psycopg.pool": {"level": "WARNING", "filters": ["seldom"]},
        "django.template": {"level": "INFO"},
        # What happens at the editing desk is told whatever the level: see ``desk.log``.
        "leftbehind.desk": {"level": "INFO"},
        # Says the same about failures to log in, with less.
        "axes": {"level": "ERROR"},
        # Tells of each id that it makes, and repeats what was sent in an id's place.
        "django_guid": {"level": "ERROR"},
        # A line for each of the thousands of files in a deposit.
        "bagit": {"level": "WARNING"},
    },
}
