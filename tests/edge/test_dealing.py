"""Two edges on one port share the connections, whatever the system's hash says."""

from __future__ import annotations

import asyncio
import http.client
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from rapport.channels.models import Channel, Envelope
from rapport.edge.dealing import Dealer, Seat
from tests.edge.conftest import RunningEdge
from tests.looping import run_apart


@contextmanager
def running_twins(folder: Path) -> Iterator[list[RunningEdge]]:
    """Two edges on the same port with one data folder."""
    home = {"RAPPORT_EDGES": "2", "RAPPORT_HOME": str(folder / "home")}
    with ExitStack() as stack:
        first = RunningEdge(folder / "first.log", **home)
        stack.callback(first.stop)
        second = RunningEdge(folder / "second.log", port=first.port, **home)
        stack.callback(second.stop)
        wait_until(lambda: len(seats(folder)) == 2)
        for edge in (first, second):
            edge.http.close()
        time.sleep(1.1)  # they look around once a second
        yield [first, second]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("twins")


@pytest.fixture(scope="module")
def module_twins(folder: Path, django_db_setup: None) -> Iterator[list[RunningEdge]]:
    with running_twins(folder) as twins:
        yield twins


@pytest.fixture
def twins(database: str, module_twins: list[RunningEdge], folder: Path) -> list[RunningEdge]:
    """The module's two edges, on a swept database and left by all who came before."""
    wait_until(lambda: not any(seat.count for seat in seats(folder)))
    return module_twins


def wait_until(told: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not told():
        assert time.monotonic() < until
        time.sleep(0.05)


def seats(folder: Path) -> list[Seat]:
    found = []
    for path in (folder / "home" / "edges").glob("*.count"):
        with suppress(ValueError, FileNotFoundError):  # one that is being laid, or cleared away
            found.append(Seat(path.with_suffix("")))
    return found


@contextmanager
def visit(edge: RunningEdge, many: int) -> Iterator[list[http.client.HTTPConnection]]:
    """So many connections, each of which has asked once; closed afterwards."""
    with ExitStack() as stack:
        lines = [
            http.client.HTTPConnection("127.0.0.1", edge.port, timeout=20) for _ in range(many)
        ]
        for line in lines:
            stack.callback(line.close)
            ask(line)
        yield lines


def ask(line: http.client.HTTPConnection) -> int:
    line.request("GET", "/healthz")
    answer = line.getresponse()
    answer.read()
    return answer.status


def test_connections_are_shared_evenly_and_each_is_answered(
    twins: list[RunningEdge], folder: Path
) -> None:
    with visit(twins[0], 12) as lines:
        assert sorted(seat.count for seat in seats(folder)) == [6, 6]
        assert [ask(line) for line in lines] == [200] * 12


def test_a_connection_that_is_closed_counts_no_more(twins: list[RunningEdge], folder: Path) -> None:
    with visit(twins[0], 6):
        assert sum(seat.count for seat in seats(folder)) == 6
    wait_until(lambda: [seat.count for seat in seats(folder)] == [0, 0])


def post(line: http.client.HTTPConnection, mailbox: Channel, number: int) -> int:
    mail = b"From: dora@x.example\r\nMessage-ID: <%d@x>\r\n\r\nHello\r\n" % number
    head = {"Content-Type": "message/rfc822"}
    line.request("POST", f"/hooks/email/{mailbox.hook_secret}", mail, head)
    answer = line.getresponse()
    answer.read()
    return answer.status


def test_mails_that_are_handed_over_are_stored(twins: list[RunningEdge], mailbox: Channel) -> None:
    with visit(twins[0], 8) as lines:
        assert [post(line, mailbox, number) for number, line in enumerate(lines)] == [202] * 8
    assert Envelope.objects.filter(channel=mailbox).count() == 8


def test_connections_that_begin_with_a_mail_all_go_to_one_edge(
    twins: list[RunningEdge], mailbox: Channel, folder: Path
) -> None:
    with ExitStack() as stack:
        lines = []
        for number in range(10):
            line = http.client.HTTPConnection("127.0.0.1", twins[0].port, timeout=20)
            stack.callback(line.close)
            assert post(line, mailbox, number) == 202
            lines.append(line)
        assert sorted(seat.count for seat in seats(folder)) == [0, 10]
        with visit(twins[0], 10):  # pages keep to the other one
            assert sorted(seat.count for seat in seats(folder)) == [10, 10]
        assert [post(line, mailbox, 100 + n) for n, line in enumerate(lines)] == [202] * 10
    assert Envelope.objects.filter(channel=mailbox).count() == 20


def test_a_mail_in_many_pieces_goes_whole_to_the_edge_that_takes_mails(
    twins: list[RunningEdge], mailbox: Channel
) -> None:
    mail = b"From: dora@x.example\r\nMessage-ID: <large@x>\r\n\r\n" + b"Hello\r\n" * 40_000
    head = (
        f"POST /hooks/email/{mailbox.hook_secret} HTTP/1.1\r\nhost: x\r\n"
        f"content-type: message/rfc822\r\ncontent-length: {len(mail)}\r\n\r\n"
    ).encode()
    for number in range(4):  # two of them at least begin at the other edge
        with socket.create_connection(("127.0.0.1", twins[0].port), timeout=20) as line:
            for place in range(0, len(mail), 30_000):
                line.sendall((head if not place else b"") + mail[place : place + 30_000])
                time.sleep(0.01)
            said = line.recv(4096).split(b"\r\n")[0]
            assert said.startswith(b"HTTP/1.1 20"), (number, said)
    (envelope,) = Envelope.objects.filter(channel=mailbox)
    assert bytes(envelope.raw) == mail


def test_after_a_kill_the_other_edge_serves_whoever_comes(
    database: str, mailbox: Channel, tmp_path: Path
) -> None:
    with running_twins(tmp_path) as twins:
        porter = min(seat.path.name for seat in seats(tmp_path))  # it takes the mails of both
        twins.sort(key=lambda edge: f"-{edge.process.pid}-" not in porter)
        os.kill(twins[0].process.pid, signal.SIGKILL)
        twins[0].process.wait(10)
        with visit(twins[1], 6) as lines:
            assert [ask(line) for line in lines] == [200] * 6
            assert [post(line, mailbox, number) for number, line in enumerate(lines)] == [202] * 6
        line = http.client.HTTPConnection("127.0.0.1", twins[1].port, timeout=20)
        assert post(line, mailbox, 7) == 202  # one that begins with a mail
        line.close()
        assert len(seats(tmp_path)) == 1
    assert Envelope.objects.filter(channel=mailbox).count() == 7


def test_seats_of_edges_that_were_killed_are_cleared_away(tmp_path: Path) -> None:
    left = tmp_path / "8000-1-1"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as gone:
        gone.bind(str(left))
    Seat(left, is_own=True).count = 40

    async def sit() -> list[Path]:
        dealer = Dealer(tmp_path, port=8000)
        dealer.sit_down(lambda _connection, _said: None)
        there = list(tmp_path.glob("*.count"))
        dealer.get_up()
        return there

    (own,) = run_apart(sit())
    assert own != left.with_suffix(".count")
    assert not list(tmp_path.iterdir())


def test_connections_are_dealt_out_below_a_long_path_too(tmp_path: Path) -> None:
    folder = tmp_path / ("far" * 40)
    taken: list[tuple[socket.socket, bytes]] = []

    def take(*given: *tuple[socket.socket, bytes]) -> None:
        taken.append(given)

    async def hand_over() -> bytes:
        first, second = Dealer(folder, port=8000), Dealer(folder, port=8000)
        for dealer in (second, first):  # who sits down looks around
            dealer.sit_down(take)
        first.note(3)
        near, far = socket.socketpair()
        with near, far:
            assert first.pass_on(far.fileno())
            await asyncio.sleep(0.05)
            near.sendall(b"GET")
            said = taken[0][0].recv(3)
        for dealer in (first, second):
            dealer.get_up()
        return said

    assert run_apart(hand_over()) == b"GET"
    taken[0][0].close()
    assert not list(folder.iterdir())


def test_a_sibling_without_room_for_so_much_stays_a_sibling(tmp_path: Path) -> None:
    async def hand_over() -> list[bool]:
        first, second = Dealer(tmp_path, port=8000), Dealer(tmp_path, port=8000)
        for dealer in (second, first):  # the one that sat down first takes what arrives
            dealer.sit_down(lambda connection, _said: connection.close())
        assert first._socket is not None
        first._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        near, far = socket.socketpair()
        with near, far:
            sizes = (60_000, 1_000)
            told = [first.pass_to_porter(far.fileno(), bytes(size)) for size in sizes]
            await asyncio.sleep(0.05)
        for dealer in (first, second):
            dealer.get_up()
        return told

    assert run_apart(hand_over()) == [False, True]


def test_a_folder_that_nobody_may_make_leaves_the_dealing_to_the_system(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    async def sit() -> bool:
        dealer = Dealer(tmp_path / "file" / "edges", port=8000)
        dealer.sit_down(lambda _connection, _said: None)
        dealer.note(3)
        passed_on = dealer.pass_on(0)
        dealer.get_up()
        return passed_on

    assert not run_apart(sit())
