"""Django's settings. What differs between machines comes from `environment.py`; the rest is decided here."""

import os
import sys
from pathlib import Path

from leftbehind_site.environment import (
    PROJECT_ROOT,
    SQLITE,
    VAR,
    ConfigurationError,
    Environment,
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

ARCHIVE_FROZEN = ENVIRONMENT.archive_frozen
"""Whether the site is for reading only; see ``frozen.py``."""

ALLOWED_HOSTS = ENVIRONMENT.hosts
FORMER_HOSTS = ENVIRONMENT.hosts_sent_on
"""Host names of the former site that are sent on to ``SITE_URL``."""
CSRF_TRUSTED_ORIGINS = [SITE_URL]

SECURE_SSL_REDIRECT = ENVIRONMENT.https
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # asked from inside the machine, by a container's health check
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if ENVIRONMENT.https else 0
SESSION_COOKIE_SECURE = ENVIRONMENT.https
CSRF_COOKIE_SECURE = ENVIRONMENT.https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.trust_proxy_headers else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

SILENCED_SYSTEM_CHECKS = [
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
    "django.contrib.admin",
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
        "django.contrib.messages.middleware.MessageMiddleware",
        "simple_history.middleware.HistoryRequestMiddleware",
    }
)
MIDDLEWARE = [
    # First: the next one would send a former host name to its own https address.
    "leftbehind_site.redirects.FormerHosts",
    "django.middleware.security.SecurityMiddleware",
    "leftbehind_site.caching.Revalidated",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Tells an item's history who made a change.
    "simple_history.middleware.HistoryRequestMiddleware",
    # Last: what the others add to an answer is on its answers too.
    "leftbehind_site.redirects.FormerAddresses",
]
if ARCHIVE_FROZEN:
    # What serves the editing desk goes with it, but for the tables that the record refers to.
    INSTALLED_APPS.remove("django.contrib.admin")
    MIDDLEWARE = [name for name in MIDDLEWARE if name not in OF_THE_DESK]
    MIDDLEWARE.insert(0, "leftbehind_site.frozen.ReadOnly")

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

DATABASES = {"default": database_settings(ENVIRONMENT.database_url, frozen=ARCHIVE_FROZEN)}
if DATABASES["default"]["ENGINE"] == SQLITE and Path(DATABASES["default"]["NAME"]).parent == VAR:
    VAR.mkdir(exist_ok=True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

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
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Names carry a hash of the content, so browsers may keep a file for ever; compressed when collected.
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- uploaded files

# Served by appg.uploads alone, which decides how; there is no address of the folder itself.
MEDIA_ROOT = ENVIRONMENT.media_root

# --- finished pages

PUBLISHED_ROOT = ENVIRONMENT.published_root

# --- messages

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"without_queries": {"()": "leftbehind_site.logs.WithoutQueries"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_queries"]}
    },
    "root": {"handlers": ["stderr"], "level": ENVIRONMENT.log_level},
    "loggers": {
        "django": {"handlers": [], "level": ENVIRONMENT.log_level, "propagate": True},
        # The development server's lines go the same way as all others.
        "django.server": {"handlers": [], "propagate": True},
        # At level DEBUG these would write statements and variables, and what was typed along with them.
        "django.db.backends": {"level": "INFO"},
        "django.template": {"level": "INFO"},
        # A line for each of the thousands of files in a deposit.
        "bagit": {"level": "WARNING"},
    },
}
