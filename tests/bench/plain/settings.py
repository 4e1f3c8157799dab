"""The site's settings as far as both pages need them; the rest is what ``startproject`` writes."""

from __future__ import annotations

from pathlib import Path

from leftbehind_site.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.plain.urls"

USE_THOUSAND_SEPARATOR = True

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).resolve().parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tests.bench.plain.views.group",
            ],
            "libraries": {
                "humanize": "django.contrib.humanize.templatetags.humanize",
                "figures": "tests.bench.plain.figures",
            },
        },
    },
]
