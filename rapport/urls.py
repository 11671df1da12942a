"""Every address that Django serves; the edge serves /live and /hooks before it."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []

handler400 = "rapport.web.kit.errors.bad_request"
handler403 = "rapport.web.kit.errors.forbidden"
handler404 = "rapport.web.kit.errors.not_found"
handler500 = "rapport.web.kit.errors.server_error"
