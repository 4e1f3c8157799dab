"""The addresses of what can be taken away as a whole. Other spellings lead there in one step."""

from django.urls import path, re_path

from neighbourhoods.views import data, releases

app_name = "data"

urlpatterns = [
    path("", data.index, name="index"),
    path("releases/", releases.index, name="releases"),
    path("releases/<str:mark>/", releases.release, name="release"),
    # The unfinished forms: no slash at the end.
    path("releases", releases.index),
    re_path(r"^releases/(?P<mark>[^/]+)$", releases.release),
    re_path(r"^neighbourhoods\.(?P<extension>[A-Za-z0-9]{1,10})/?$", data.directory),
    path("<path:name>", data.package_file, name="file"),
]
