"""The settings of a test run: the site's own, in an environment that owes nothing to the machine."""

import os

os.environ.update(
    SECRET_KEY="only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGH",
    SITE_URL="https://leftbehind.test",
    DEBUG="false",
    ALLOWED_HOSTS="",
    FORMER_HOSTS="",
    DESK="true",
    ADMIN_PATH="",
    SECOND_FACTOR="optional",
    ARCHIVE_FROZEN="false",
    TRUST_PROXY_HEADERS="false",
    STATIC_ROOT="",
    MEDIA_ROOT="",
    PUBLISHED_ROOT="",
    LOG_LEVEL="WARNING",
    LOG_FORMAT="",
    # A page driven by Playwright runs inside an event loop, where Django would otherwise refuse to query.
    DJANGO_ALLOW_ASYNC_UNSAFE="true",
)
# The one thing a run may choose. Set here too, so that a developer's .env cannot.
os.environ["DATABASE_URL"] = os.environ.get("DATABASE_URL") or "sqlite:///var/tests.sqlite3"

from leftbehind_site.settings import *  # noqa: F403

# The test client and the live server speak http; that https is enforced has tests of its own.
SECURE_SSL_REDIRECT = False
SESSION_COOKIE_SECURE = False
CSRF_COOKIE_SECURE = False
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "sessionid", "csrftoken"

# Straight from the source folders: nothing has to be collected before a test.
STORAGES = {
    "default": {"BACKEND": "appg.storage.WholeFiles"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

# Accounts in tests need no protection against guessing.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
