"""The addresses of the directory. Each page has one; all other spellings lead there in one step."""

from django.urls import path, re_path

from neighbourhoods.views import areas, comparisons, files, linking, method, places, rankings

app_name = "neighbourhoods"

_FILE = r"\.(?P<extension>[A-Za-z0-9]{1,10})/?$"

_CITATION = r"\.(?P<suffix>(?i:bib|ris|csl\.json))/?$"

urlpatterns = [
    path("", areas.directory, name="directory"),
    path("method/", method.method, name="method"),
    path("rankings/", rankings.index, name="rankings"),
    # Lists as files.
    re_path(rf"^rankings/(?P<slug>[^/]+?){_FILE}", files.ranking),
    re_path(rf"^regions/(?P<slug>[^/]+?){_FILE}", files.region),
    re_path(rf"^authorities/(?P<code>[^/]+?)(?:/(?P<slug>[^/]*?))?{_FILE}", files.authority),
    re_path(rf"^constituencies/(?P<code>[^/]+?)(?:/(?P<slug>[^/]*?))?{_FILE}", files.constituency),
    # Lists as pages.
    path("rankings/<str:slug>/", rankings.ranking, name="ranking"),
    path("compare/", comparisons.compare, name="compare"),
    path("compare/<path:codes>/", comparisons.comparison, name="comparison"),
    path("regions/<str:slug>/", areas.region, name="region"),
    path("authorities/<str:code>/<str:slug>/", areas.authority, name="authority"),
    path("constituencies/<str:code>/<str:slug>/", areas.constituency, name="constituency"),
    # The unfinished forms: no slug, or no slash at the end.
    path("method", method.method),
    path("rankings", rankings.index),
    re_path(r"^rankings/(?P<slug>[^/]+)$", rankings.ranking),
    re_path(r"^compare$", comparisons.compare),
    re_path(r"^compare/(?P<codes>.+)$", comparisons.comparison),
    re_path(r"^(?:regions|authorities|constituencies)/?$", areas.to_directory),
    re_path(r"^regions/(?P<slug>[^/]+)$", areas.region),
    re_path(r"^authorities/(?P<code>[^/]+)(?:/(?P<slug>[^/]+))?/?$", areas.authority),
    re_path(r"^constituencies/(?P<code>[^/]+)(?:/(?P<slug>[^/]+))?/?$", areas.constituency),
    # Citations of a neighbourhood's page, before its figures as files: ".csl.json" ends in ".json" too.
    re_path(rf"^(?P<code>[^/]+?)(?:/(?P<slug>[^/]*?))?{_CITATION}", places.citation),
    path("<str:code>/<str:slug>/card.png", linking.card, name="card"),
    path("<str:code>/<str:slug>/embed/", linking.embed, name="embed"),
    path("<str:code>/<str:slug>/embed", linking.embed),
    path("<str:code>/<str:slug>/oembed.json", linking.document, name="oembed"),
    # Last, because any single word could be meant as a code.
    re_path(rf"^(?P<code>[^/]+?)(?:/(?P<slug>[^/]*?))?{_FILE}", files.neighbourhood),
    path("<str:code>/<str:slug>/", places.detail, name="detail"),
    re_path(r"^(?P<code>[^/]+)(?:/(?P<slug>[^/]+))?/?$", places.detail),
]
