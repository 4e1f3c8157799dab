"""The addresses of the whole site."""

from django.conf import settings
from django.urls import include, path, re_path

from appg.uploads import serve
from leftbehind_site import search_index
from leftbehind_site.favicon import favicon
from leftbehind_site.health import healthz
from leftbehind_site.robots import robots
from leftbehind_site.search import search
from leftbehind_site.security_txt import security_txt
from leftbehind_site.sitemap import sitemap
from leftbehind_site.views import home, unknown
from neighbourhoods.views import linking, places

urlpatterns = [
    path("", home, name="home"),
    path("neighbourhoods/", include("neighbourhoods.urls")),
    path("data/", include("neighbourhoods.data_urls")),
    path("search/", search, name="search"),
    path("search/index.json", search_index.everything, name="search-index"),
    path("search/postcodes/<str:outward>.json", search_index.postcodes_of, name="search-postcodes"),
    re_path(r"^n/(?P<code>[^/]+)/?$", places.short, name="short"),
    path("favicon.ico", favicon, name="favicon"),
    path("card.png", linking.site_card, name="card"),
    path("oembed", linking.oembed, name="oembed"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path("404.html", unknown, name="unknown"),
    path("healthz", healthz, name="healthz"),
    path("robots.txt", robots, name="robots"),
    path(".well-known/security.txt", security_txt, name="security"),
    path("files/<int:pk>/<str:name>", serve, name="file"),
    # Last: a page of the record may have any single word as its address.
    path("", include("appg.urls")),
]

if settings.DESK:
    from django.contrib import admin

    urlpatterns.insert(0, path(f"{settings.ADMIN_PATH}/", admin.site.urls))

if settings.DEBUG:
    from leftbehind_site.gallery import gallery

    urlpatterns.insert(0, path("components/", gallery, name="gallery"))

handler400 = "leftbehind_site.views.bad_request"
handler403 = "leftbehind_site.views.forbidden"
handler404 = "leftbehind_site.redirects.unanswered"
handler500 = "leftbehind_site.views.server_error"
