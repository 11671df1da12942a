"""A request as the kit sees it: no database is needed here."""

from __future__ import annotations

import pytest
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpRequest
from django.test import RequestFactory


@pytest.fixture
def request_of(rf: RequestFactory):
    def build(path: str = "/", **headers: str) -> HttpRequest:
        request = rf.get(path, headers={name.replace("_", "-"): headers[name] for name in headers})
        request.session = {}
        request._messages = FallbackStorage(request)
        return request

    return build
