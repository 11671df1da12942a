"""The addresses of the settings: one per resource, a change of state is a noun that is made and deleted."""

from __future__ import annotations

from django.urls import path

from rapport.web.settings import index, profile

app_name = "settings"
urlpatterns = [
    path("", index.index, name="index"),
    path("profile", profile.profile, name="profile"),
]
