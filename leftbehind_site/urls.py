"""The addresses of the whole site."""

from django.contrib import admin
from django.urls import path

from leftbehind_site.health import healthz
from leftbehind_site.robots import robots

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("robots.txt", robots, name="robots"),
    path("admin/", admin.site.urls),
]
