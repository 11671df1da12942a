"""The addresses of the portal."""

from __future__ import annotations

from django.urls import path

from rapport.web.portal import files

app_name = "portal"
urlpatterns = [path("files/<slug:token>", files.lent_file, name="file")]
