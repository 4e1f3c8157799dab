"""The site's addresses, so that links can be written, with the plain page before them."""

from __future__ import annotations

from django.urls import path

from leftbehind_site.urls import urlpatterns as site
from tests.bench.plain import views

urlpatterns = [path("plain/<str:code>/", views.neighbourhood, name="plain"), *site]
