"""The web surfaces as a Django app, for their template tags."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Label `web`."""

    name = "rapport.web"
    label = "web"

    def ready(self) -> None:
        import logging

        from rapport.web.kit.hiding import KeyHider

        for name in ("django.request", "django.security.csrf"):
            logging.getLogger(name).addFilter(KeyHider())
