"""The editing desk: Django's admin for the group's record."""

from django.contrib import admin

from appg.admin import desk, items

__all__ = ("desk", "items")

admin.site.site_header = "Editing desk"
admin.site.site_title = "Editing desk"
admin.site.index_title = "What would you like to change?"
