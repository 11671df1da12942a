"""Every address that Django serves; the edge serves /live and /hooks before it."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="inbox:index")),
    path("inbox/", include("rapport.web.inbox.urls")),
]

handler400 = "rapport.web.kit.errors.bad_request"
handler403 = "rapport.web.kit.errors.forbidden"
handler404 = "rapport.web.kit.errors.not_found"
handler500 = "rapport.web.kit.errors.server_error"
