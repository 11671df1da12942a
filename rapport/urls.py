"""Every address that Django serves; the edge serves /live and /hooks before it."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
