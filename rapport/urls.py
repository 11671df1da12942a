"""Every address that Django serves; the edge serves /live and /hooks before it."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.generic import RedirectView

from rapport.channels.email.bridging_providers import take_webhook
from rapport.web.api.application import api
from rapport.web.api.problems import no_such_address

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="inbox:index")),
    path("inbox/", include("rapport.web.inbox.urls")),
    path("", include("rapport.web.sign_in.urls")),
    path("", include("rapport.web.portal.urls")),
    path("settings/", include("rapport.web.settings.urls")),
    path("settings/profile/", include("rapport.web.settings.second_step_urls")),
    re_path(
        r"^anymail/(?P<provider>[a-z_]+)/(?P<public_id>[0-9a-f-]{36})/"
        r"(?P<what>inbound|inbound_mime|tracking)/?$",
        take_webhook,
        name="provider_webhook",
    ),
    path("api/v1/", api.urls),
    re_path(r"^api/(?P<rest>[\s\S]*)\Z", no_such_address),  # a line break, too
]

handler400 = "rapport.web.kit.errors.bad_request"
handler403 = "rapport.web.kit.errors.forbidden"
handler404 = "rapport.web.kit.errors.not_found"
handler500 = "rapport.web.kit.errors.server_error"
