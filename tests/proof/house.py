"""The road of a mail in one hand: brought to the real door, worked off, looked at by page and by API."""

from __future__ import annotations

import re
import time
from typing import Any

import httpx
from django.conf import settings
from django.test import Client

from rapport.accounts.granting_tokens import grant_token
from rapport.accounts.models import Agent
from rapport.channels.receiving import receive_batch
from rapport.channels.webhook.signing import sign_headers
from rapport.conversations.indexing import FOLLOWER as INDEX
from rapport.kernel import clock
from rapport.kernel.journal.following import FOLLOWERS, follow_on
from rapport.kernel.journal.models import Cursor, Entry
from tests.browser import LiveDesk
from tests.cast import Cast
from tests.edge.conftest import SECRET

MAIL = {"content-type": "message/rfc822"}


class House:
    """A served desk with the cast in it."""

    def __init__(self, cast: Cast, desk: LiveDesk) -> None:
        self.cast, self.desk = cast, desk
        self.http = httpx.Client(base_url=desk.url, timeout=60, verify=False)
        self._tokens: dict[int, str] = {}
        self._sessions: dict[int, str] = {}

    def close(self) -> None:
        self.http.close()

    def post_mail(self, raw: bytes, *, key: str = "") -> httpx.Response:
        """Bring raw bytes to the hook of the mailbox."""
        key = key or self.cast.mail.hook_secret
        return self.http.post(f"/hooks/email/{key}", content=raw, headers=MAIL)

    def post_signed(self, body: bytes, *, message_id: str) -> httpx.Response:
        """Bring a signed body to the webhook, whose secret is tests.edge's."""
        signed = sign_headers([SECRET], message_id=message_id, now=clock.now(), body=body)
        headers = {"content-type": "application/json", **signed}
        return self.http.post(
            f"/hooks/webhook/{self.cast.hook.public_id}", content=body, headers=headers
        )

    def take_in(self, *raws: bytes) -> list[dict[str, Any]]:
        """Bring mails, work off all that waits, and return their messages as the API shows them."""
        envelopes = []
        for raw in raws:
            answer = self.post_mail(raw)
            assert answer.status_code in (200, 202), answer.text
            envelopes.append(answer.json()["envelope_id"])
        self.work()
        numbers = [self.get(f"/api/v1/envelopes/{number}")["message"] for number in envelopes]
        return [self.get(f"/api/v1/messages/{number}") for number in numbers]

    def work(self) -> None:
        """Take in all that waits."""
        while receive_batch():
            pass

    def index(self) -> None:
        """Make everything findable. Open transactions of other databases on the same server hold it back."""
        last = Entry.objects.order_by("-era", "-xid", "-id")[0].position
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if follow_on(FOLLOWERS[INDEX]) == 0:
                if Cursor.objects.get(name=INDEX).position >= last:
                    return
                time.sleep(0.02)

    def ask(
        self, method: str, path: str, *, by: Agent | None = None, **request: Any
    ) -> httpx.Response:
        """Ask the API, as Ada unless told."""
        agent = by or self.cast.ada
        if agent.pk not in self._tokens:
            _row, token = grant_token(agent, name="proof", scopes=["*"], by=agent.actor)
            self._tokens[agent.pk] = token
        headers = {
            "authorization": f"Bearer {self._tokens[agent.pk]}",
            **request.pop("headers", {}),
        }
        return self.http.request(method, path, headers=headers, **request)

    def get(self, path: str, *, by: Agent | None = None, **query: Any) -> Any:
        """What the API says."""
        answer = self.ask("GET", path, by=by, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def page(self, path: str, *, by: Agent | None = None, **query: Any) -> httpx.Response:
        """A page as this agent's browser gets it."""
        headers = {"cookie": self.session(by or self.cast.ada)}
        return self.http.get(path, params=query, headers=headers)

    def submit(self, path: str, *, by: Agent | None = None, **form: Any) -> httpx.Response:
        """Send a form as the page does, with its token."""
        session = self.session(by or self.cast.ada)
        headers = {"cookie": f"{session}; {settings.CSRF_COOKIE_NAME}={'x' * 32}"}
        return self.http.post(path, data=form | {"csrfmiddlewaretoken": "x" * 32}, headers=headers)

    def session(self, agent: Agent) -> str:
        """The cookie of a signed-in agent."""
        if agent.pk not in self._sessions:
            client = Client()
            client.force_login(agent, backend=settings.AUTHENTICATION_BACKENDS[0])
            self._sessions[agent.pk] = client.cookies[settings.SESSION_COOKIE_NAME].value
        return f"{settings.SESSION_COOKIE_NAME}={self._sessions[agent.pk]}"


def visible_text(page: str) -> str:
    """The words of a page without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
