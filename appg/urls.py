"""The addresses of the group's record: those of the group's former website wherever they are known."""

from django.urls import path, re_path

from appg import feeds, views

app_name = "appg"

urlpatterns = [
    path("officers/", views.officers, name="officers"),
    path("sessions/", views.sessions, name="sessions"),
    # Citations of items, as files beside their pages.
    re_path(
        r"^(?P<folder>publication|news|evidence|session|report)/(?P<slug>[-\w]+)"
        r"\.(?P<suffix>(?i:bib|ris|csl\.json))/?$",
        views.citation,
        name="citation",
    ),
    path("evidence/<slug:slug>/", views.session, {"folder": "evidence"}, name="session-evidence"),
    path("session/<slug:slug>/", views.session, {"folder": "session"}, name="session-session"),
    path("inquiry-into-levelling-up/", views.inquiry, name="inquiry"),
    path("news/", views.news, name="news"),
    path("news/feed/", feeds.news, name="news-feed"),
    re_path(r"^news/(?P<year>[0-9]{4})/$", views.news_year, name="news-year"),
    path("news/<slug:slug>/", views.news_item, name="news-item"),
    path("publications/", views.publications, name="publications"),
    path("publication/<slug:slug>/", views.publication, name="publication"),
    path("report/<slug:slug>/", views.chapter, name="chapter"),
    path("faqs/", views.questions, name="questions"),
    path("glossary/", views.glossary, name="glossary"),
    path("press-coverage/", views.coverage, name="coverage"),
    path("corrections/", views.corrections, name="corrections"),
    path("feed/", feeds.everything, name="feed"),
    path("sessions/feed/", feeds.sessions, name="sessions-feed"),
    path("publications/feed/", feeds.publications, name="publications-feed"),
    path("corrections/feed/", feeds.corrections, name="corrections-feed"),
    # Last, because any single word could be meant as a page.
    path("<slug:slug>/", views.page, name="page"),
]
