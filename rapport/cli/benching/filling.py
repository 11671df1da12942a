"""Filling: a believable history of any size, made by the database itself.

A pool of texts in four languages is tokenised by the product's own code; messages draw from it by a skewed
lot, so that some words are in every tenth message and others in a handful.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from django.db import connection

from rapport.kernel.text.vectoring import search_vector

POOL = 2000
PER_CONVERSATION = 5
AGENTS, TEAMS = 12, 4
#: Share of conversations still open, as in a desk that keeps up.
OPEN_EVERY = 200

#: Conversations of fifty messages; they take the numbers 1 to 20.
LONG_CONVERSATIONS = range(1, 21)
LONG = """
UPDATE conversations_message SET conversation_id = 1 + (id % 20) WHERE id <= 1000;
UPDATE conversations_conversation SET message_count = 50, last_message_id = 1000, team_id = NULL
    WHERE id <= 20;
"""

SENTENCES = {
    "en": [
        "Where is my parcel, it should have been here on Monday.",
        "The zip of the jacket broke on the first day.",
        "Could you send a new invoice with our company name?",
        "Thank you, the tent arrived and everything is complete.",
        "I would like to return the boots, they are too narrow.",
        "Which stove works with this gas cartridge?",
    ],
    "pl": [
        "Dzień dobry, kiedy dostanę zwrot pieniędzy za zamówienie?",
        "Paczka dotarła uszkodzona, przesyłam zdjęcia.",
        "Proszę o fakturę na firmę, dane w załączniku.",
        "Plecak jest świetny, ale brakuje jednego paska.",
    ],
    "zh-Hant": [
        "客戶反映退款一直沒有收到，請協助確認。",
        "帳篷缺少營釘，可以補寄嗎？",
        "訂單已經出貨了嗎？我想更改地址。",
    ],
    "zh-Hans": [
        "发票抬头需要修改，谢谢。",
        "快递显示已签收，但是我没有收到。",
        "请问这双靴子有宽楦的吗？",
    ],
    "ja": [
        "注文したテントがまだ届いていません。",
        "返品と返金の手続きを教えてください。",
        "領収書の宛名を会社名に変更できますか？",
    ],
}

PREPARE = """
INSERT INTO accounts_company (name, language, time_zone, reopen_days, created_at)
    VALUES ('Bench', 'en', 'UTC', 14, now());
INSERT INTO accounts_team (name) SELECT 'Team ' || g FROM generate_series(1, {teams}) g;
INSERT INTO accounts_agent
    (password, email, name, role, language, time_zone, theme, is_active, created_at)
    SELECT '!', 'agent' || g || '@bench.example', 'Agent ' || g,
           CASE WHEN g <= 2 THEN 'lead' ELSE 'agent' END, 'en', 'UTC', 'auto', true, now()
    FROM generate_series(1, {agents}) g;
INSERT INTO accounts_membership (team_id, agent_id)
    SELECT t.id, a.id FROM accounts_team t, accounts_agent a WHERE a.id % {teams} = t.id % {teams};
INSERT INTO channels_channel
    (kind, name, address, public_id, hook_secret, state, error, config, sealed, created_at)
    VALUES ('email', 'Help', 'help@bench.example', gen_random_uuid(), md5(random()::text), 'active',
            '', '{{}}', '', now());
CREATE TABLE bench_pool (id int PRIMARY KEY, language text, subject text, body text, vector tsvector);
"""

CUSTOMERS = """
INSERT INTO customers_customer (id, name, language, time_zone, attributes, created_at)
    SELECT g, 'Customer ' || g, '', '', '{{}}', now() FROM generate_series({c_from}, {c_to}) g;
INSERT INTO customers_identity (customer_id, kind, value, shown, is_verified, created_at)
    SELECT g, 'email', 'c' || g || '@ex.example', 'c' || g || '@ex.example', false, now()
    FROM generate_series({c_from}, {c_to}) g;
"""

CONVERSATIONS = """
INSERT INTO conversations_conversation
    (id, subject, customer_id, channel_id, channel_kind, state, priority, assignee_id, team_id, language,
     preview, opened_at, last_message_at, last_inbound_at, waiting_since, last_message_id, message_count)
SELECT g, p.subject, 1 + g % {customers}, 1, 'email',
       CASE WHEN g % {open_every} = 0 THEN 'open' ELSE 'solved' END, 2,
       CASE WHEN g % 3 > 0 THEN 1 + g % {agents} END, CASE WHEN g % 5 > 0 THEN 1 + g % {teams} END,
       p.language, left(p.body, 160), t, t, t,
       CASE WHEN g % {open_every} = 0 THEN t END, g * {per}, {per}
FROM (SELECT g, now() - ({total} - g) * interval '1 second' * 60 AS t
      FROM generate_series({v_from}, {v_to}) g) n
JOIN bench_pool p ON p.id = g % {pool};
"""

MESSAGES = """
INSERT INTO conversations_message
    (id, conversation_id, direction, kind, customer_id, agent_id, author_name, channel_id, channel_kind,
     external_id, content_key, client_key, subject, addresses, text, quoted, signature, html,
     has_held_images, language, sent_at, recorded_at, why, extras)
SELECT m, c, CASE WHEN m % 2 = 0 THEN 'out' ELSE 'in' END, 'human',
       CASE WHEN m % 2 = 1 THEN 1 + c % {customers} END, CASE WHEN m % 2 = 0 THEN 1 + c % {agents} END,
       CASE WHEN m % 2 = 0 THEN 'Agent' ELSE 'Customer ' || (1 + c % {customers}) END, 1, 'email',
       'm' || m || '@ex.example', 'k' || m, '', p.subject,
       '{{"from": [{{"name": "", "address": "c@ex.example"}}],
          "to": [{{"name": "", "address": "help@bench.example"}}]}}',
       p.body, '', '', '', false, p.language, t, t, '{{"thread": "new"}}', '{{}}'
FROM (SELECT m, 1 + (m - 1) / {per} AS c, now() - ({total} * {per} - m) * interval '1 second' * 12 AS t,
             ((m::bigint * 7919) % 1000003 * ((m::bigint * 104729) % 997) / 997 % {pool})::int AS draw
      FROM generate_series({m_from}, {m_to}) m) n
JOIN bench_pool p ON p.id = draw;
"""

WORDS = """
INSERT INTO conversations_searchtext (message_id, vector, scope)
SELECT m, p.vector || array_to_tsvector(ARRAY['#v' || m / 256, '#w' || m / 2048, '#x' || m / 16384,
       '#y' || m / 131072, '#z' || m / 1048576, '#t' || team, coalesce('#a' || assignee, '#t' || team)]),
       concat_ws(' ', '#t' || team, '#a' || assignee)
FROM (SELECT m, ((m::bigint * 7919) % 1000003 * ((m::bigint * 104729) % 997) / 997 % {pool})::int AS draw,
             CASE WHEN c % 5 > 0 THEN 1 + c % {teams} ELSE 0 END AS team,
             CASE WHEN c % 3 > 0 THEN 1 + c % {agents} END AS assignee
      FROM (SELECT m, 1 + (m - 1) / {per} AS c FROM generate_series({m_from}, {m_to}) m) g) n
JOIN bench_pool p ON p.id = draw;
"""

JOURNAL = """
INSERT INTO journal_entry
    (kind, subject_kind, subject_id, streams, by_kind, by_id, by_name, at, recorded_at, details)
SELECT CASE WHEN m % 2 = 0 THEN 'conversations.message_sent' ELSE 'conversations.message_received' END,
       'conversation', c, 'conversation:' || c || ' inbox:0', 'customer', 1, '',
       t, t, jsonb_build_object('conversation', c, 'message', m, 'team', 0)
FROM (SELECT m, 1 + (m - 1) / {per} AS c, now() - ({total} * {per} - m) * interval '1 second' * 12 AS t
      FROM generate_series({m_from}, {m_to}) m) n;
"""

#: The tables of which the planner must know what they hold now; two sweepers have about the same to do.
SWEPT = (
    ("conversations_message", "conversations_conversation", "customers_customer"),
    ("conversations_searchtext", "journal_entry", "customers_identity", "bench_pool"),
)

#: Not written a second time into the log; messages are, because others point at them.
UNLOGGED = """
ALTER TABLE conversations_searchtext SET UNLOGGED;
ALTER TABLE journal_entry SET UNLOGGED;
"""

#: Indexes that are dropped for a large fill and built again after it.
HEAVY = ("conversations_searchtext", "conversations_message", "journal_entry")


def prepare() -> None:
    """Company, agents, a channel and the pool of texts."""
    draw = random.Random(7)  # noqa: S311  (a fixed history, not a secret)
    run(PREPARE)
    rows = []
    for number in range(POOL):
        language = draw.choice(list(SENTENCES))
        body = " ".join(draw.choices(SENTENCES[language], k=draw.randint(1, 4)))
        body += f" Nr {draw.randint(10_000, 99_999)}."
        subject = draw.choice(SENTENCES[language])[:60]
        vector = search_vector({"A": subject, "C": body}, language=language)
        rows.append((number, language, subject, body, vector))
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO bench_pool VALUES (%s, %s, %s, %s, %s::tsvector)", rows)


def fill(messages: int, *, have: int = 0, say: Callable[[str], None] = lambda _: None) -> None:
    """Grow the history to so many messages; `have` is how many there are."""
    conversations, before = messages // PER_CONVERSATION, have // PER_CONVERSATION
    values = {
        "c_from": before // 2 + 1,
        "c_to": max(conversations // 2, 1),
        "v_from": before + 1,
        "v_to": conversations,
        "m_from": have + 1,
        "m_to": messages,
        "customers": max(conversations // 2, 1),
        "total": conversations,
    }
    is_large = messages - have > 100_000
    bonds = _loosen_bonds()
    definitions = _drop_indexes() if is_large else []
    if is_large:
        run(UNLOGGED)
    say("rows")
    beside(
        lambda: run(MESSAGES, **values),
        lambda: run(CUSTOMERS + CONVERSATIONS + JOURNAL + WORDS, **values),
    )
    if not have:
        run(LONG)
    say("indexes")
    words = [definition for definition in definitions if " gin " in definition]
    others = [definition for definition in definitions if definition not in words]
    beside(lambda: _build(words), lambda: _build(others))
    _build(bonds)
    say("statistics")
    _set_numbers()
    beside(*(partial(_sweep, tables) for tables in SWEPT))


def beside(*works: Callable[[], object]) -> None:
    """Do these at the same time, on a line to the database each."""

    def do(work: Callable[[], object]) -> None:
        try:
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as threads:
        for done in [threads.submit(do, work) for work in works]:
            done.result()


def run(statements: str, **values: int) -> None:
    """Run statements without waiting for the disk: a bench's own history may be lost."""
    sizes = {
        "pool": POOL,
        "per": PER_CONVERSATION,
        "agents": AGENTS,
        "teams": TEAMS,
        "open_every": OPEN_EVERY,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SET synchronous_commit = off; SET maintenance_work_mem = '512MB'; SET jit = off"
        )
        cursor.execute(statements.format(**sizes, **values))


def _drop_indexes() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT i.indexname, i.indexdef FROM pg_indexes i
               LEFT JOIN pg_constraint c ON c.conname = i.indexname
               WHERE i.tablename = ANY(%s) AND c.conname IS NULL""",
            [list(HEAVY)],
        )
        found = cursor.fetchall()
    for name, _definition in found:
        run(f'DROP INDEX "{name}"')
    return [definition for _name, definition in found]


def _loosen_bonds() -> list[str]:
    """Drop who must belong to whom: it is right by how it is made, and to look at each row takes as long again.

    Returns how the bonds are tied again, for the rows to come.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
               WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)""",
            [[table for tables in SWEPT for table in tables]],
        )
        found = cursor.fetchall()
    for table, name, _bond in found:
        run(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    return [
        f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {bond} NOT VALID'
        for table, name, bond in found
    ]


def _build(definitions: Iterable[str]) -> None:
    for definition in definitions:
        run(definition.replace("{", "{{").replace("}", "}}"))


def _set_numbers() -> None:
    """Let sequences know what was written past them."""
    for table in ("customers_customer", "conversations_conversation", "conversations_message"):
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence(%s, 'id'), (SELECT max(id) FROM {table}))",  # noqa: S608
                [table],
            )


def _sweep(tables: Iterable[str]) -> None:
    """As the server would in a minute or two, in the middle of the measurement."""
    for table in tables:
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM (ANALYZE) {table}")
