"""The addresses of the directory. Each page has one; all other spellings lead there in one step."""

from django.urls import path, re_path

from neighbourhoods import views

app_name = "neighbourhoods"

urlpatterns = [
    path("", views.directory, name="directory"),
    path("rankings/", views.rankings, name="rankings"),
    path("rankings/<str:slug>/", views.ranking, name="ranking"),
    path("regions/<str:slug>/", views.region, name="region"),
    path("authorities/<str:code>/<str:slug>/", views.authority, name="authority"),
    path("constituencies/<str:code>/<str:slug>/", views.constituency, name="constituency"),
    # The unfinished forms: no slug, or no slash at the end.
    path("rankings", views.rankings),
    re_path(r"^rankings/(?P<slug>[^/]+)$", views.ranking),
    re_path(r"^(?:regions|authorities|constituencies)/?$", views.to_directory),
    re_path(r"^regions/(?P<slug>[^/]+)$", views.region),
    re_path(r"^authorities/(?P<code>[^/]+)(?:/(?P<slug>[^/]+))?/?$", views.authority),
    re_path(r"^constituencies/(?P<code>[^/]+)(?:/(?P<slug>[^/]+))?/?$", views.constituency),
    # Last, because any single word could be meant as a code.
    path("<str:code>/<str:slug>/", views.detail, name="detail"),
    re_path(r"^(?P<code>[^/]+)(?:/(?P<slug>[^/]+))?/?$", views.detail),
]
