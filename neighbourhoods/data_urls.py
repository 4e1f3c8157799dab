"""The addresses of what can be taken away as a whole. Other spellings lead there in one step."""

from django.urls import path, re_path

from neighbourhoods.views import data

app_name = "data"

urlpatterns = [
    path("", data.index, name="index"),
    re_path(r"^neighbourhoods\.(?P<extension>[A-Za-z0-9]{1,10})/?$", data.directory),
    path("<path:name>", data.package_file),
]
