"""The deployment's own mail reaches a real server, sealed until then."""

from __future__ import annotations

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from rapport.accounts.mailing import queue_mail, send_mail
from rapport.kernel import config
from rapport.settings import system_mail
from tests.channels.sinks import smtp_sink

pytestmark = pytest.mark.django_db
LINK = "https://desk.example/join/abcdef"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, settings):
    """A mail server that this deployment was told of."""
    with smtp_sink() as sink:
        url = f"smtp://127.0.0.1:{sink.port}?security=none"
        monkeypatch.setenv("RAPPORT_SMTP_URL", url)
        config.config.cache_clear()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        for name, value in system_mail(url).items():
            setattr(settings, name, value)
        yield sink
    monkeypatch.undo()
    config.config.cache_clear()


def test_a_mail_waits_sealed_and_arrives_marked_as_automatic(server) -> None:
    assert queue_mail(to="fay@maple.example", subject="You are\ninvited", text=f"Żółw: {LINK}\n")
    (job,) = ProcrastinateJob.objects.filter(task_name="accounts.send_mail")
    assert LINK not in str(job.args)
    send_mail(**job.args)
    (words,) = server.words()
    assert words == f"Żółw: {LINK}"
    assert "Auto-Submitted: auto-generated" in server.texts()[0]
    assert "Subject: You are invited" in server.texts()[0]


def test_without_a_server_nothing_is_queued() -> None:
    assert not queue_mail(to="fay@maple.example", subject="Hello", text=LINK)
    assert not ProcrastinateJob.objects.exists()


def test_the_address_of_the_server_says_how_it_is_secured() -> None:
    tls = system_mail("smtps://desk%40maple:p%2Fw@mail.example")
    assert (tls["EMAIL_PORT"], tls["EMAIL_USE_SSL"], tls["EMAIL_USE_TLS"]) == (465, True, False)
    assert (tls["EMAIL_HOST_USER"], tls["EMAIL_HOST_PASSWORD"]) == ("desk@maple", "p/w")
    start = system_mail("smtp://mail.example")
    assert (start["EMAIL_PORT"], start["EMAIL_USE_TLS"]) == (587, True)
    assert not system_mail("smtp://localhost:25?security=none")["EMAIL_USE_TLS"]
