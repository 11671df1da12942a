"""Comparing people: who may be one person is proposed, with the reasons. Nobody is joined by it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import connection, transaction

from rapport.customers.access import check_may_change
from rapport.customers.events import LikenessDismissed
from rapport.customers.models import Likeness, MarkKind
from rapport.kernel import clock, journal
from rapport.kernel.actors import Actor

#: What more than so many have in common, a switchboard or info@, says nothing of any two of them.
SHARED_BY = 5
ALIKE = (MarkKind.MAIL, MarkKind.PHONE, MarkKind.SIGNED, MarkKind.NAMED)
FINDER = Actor.system("likeness")
#: `phone` and `signed` are one sort of value: a number is a number wherever it stands.
FIND = """
SELECT least(m.customer_id, x.customer_id), greatest(m.customer_id, x.customer_id),
       array_agg(DISTINCT CASE WHEN 'signed' IN (m.kind, x.kind) THEN 'signed' ELSE m.kind END)
FROM customers_mark m
CROSS JOIN LATERAL (
    SELECT o.customer_id, o.kind, count(*) OVER () AS carriers FROM (
        SELECT customer_id, kind FROM customers_mark
        WHERE kind = ANY(CASE WHEN m.kind IN ('phone', 'signed') THEN ARRAY['phone', 'signed']
                         ELSE ARRAY[m.kind] END)
          AND value = m.value AND customer_id <> m.customer_id LIMIT %(most)s
    ) o
) x
WHERE m.customer_id = ANY(%(ids)s::bigint[]) AND m.kind = ANY(%(kinds)s) AND x.carriers < %(most)s
GROUP BY 1, 2 ORDER BY 1, 2
"""
#: Those who carry a mark that turns out to say nothing: what was proposed of them is looked at again.
CROWD = """
SELECT DISTINCT x.customer_id FROM customers_mark m
CROSS JOIN LATERAL (
    SELECT o.customer_id, count(*) OVER () AS carriers FROM (
        SELECT customer_id FROM customers_mark
        WHERE kind = ANY(CASE WHEN m.kind IN ('phone', 'signed') THEN ARRAY['phone', 'signed']
                         ELSE ARRAY[m.kind] END)
          AND value = m.value AND customer_id <> m.customer_id LIMIT %(most)s
    ) o
) x
WHERE m.customer_id = ANY(%(ids)s::bigint[]) AND m.kind = ANY(%(kinds)s) AND x.carriers = %(most)s
"""
WRITE = """
INSERT INTO customers_likeness AS old
       (one_id, other_id, reasons, by_kind, by_id, by_name, at, ended_by_kind, ended_by_id, ended_by_name)
SELECT new.one, new.other, new.reasons::jsonb, 'system', NULL, %(by)s, %(now)s, '', NULL, ''
FROM unnest(%(ones)s::bigint[], %(others)s::bigint[], %(reasons)s::text[]) AS new (one, other, reasons)
ON CONFLICT (one_id, other_id) DO UPDATE SET reasons = excluded.reasons
WHERE old.ended_at IS NULL AND old.reasons <> excluded.reasons
"""
FORGET = """
DELETE FROM customers_likeness
WHERE ended_at IS NULL AND (one_id = ANY(%(ids)s::bigint[]) OR other_id = ANY(%(ids)s::bigint[]))
  AND NOT EXISTS (SELECT FROM unnest(%(ones)s::bigint[], %(others)s::bigint[]) AS new (one, other)
                  WHERE new.one = one_id AND new.other = other_id)
"""


def compare_customers(ids: Collection[int]) -> None:
    """Propose those who carry a mark of one of these; proposals whose reason has gone go, too."""
    if not ids:
        return
    given: dict[str, Any] = {"ids": sorted(ids), "kinds": list(ALIKE), "most": SHARED_BY + 1}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CROWD, given)
        given["ids"] = sorted({*ids, *(number for (number,) in cursor.fetchall())})
        cursor.execute(FIND, given)
        pairs = cursor.fetchall()
        found: dict[str, Any] = {
            "ids": given["ids"],
            "ones": [one for one, _, _ in pairs],
            "others": [other for _, other, _ in pairs],
            "reasons": [
                "[" + ", ".join(f'"{each}"' for each in sorted(r)) + "]" for *_, r in pairs
            ],
            "by": FINDER.name,
            "now": clock.now(),
        }
        cursor.execute(FORGET, found)
        if pairs:
            cursor.execute(WRITE, found)


def dismiss_likeness(likeness: Likeness, *, by: Actor) -> None:
    """They are two people; this pair is not proposed again. Twice is once. Raises NotAllowed."""
    with transaction.atomic():
        check_may_change(by)
        standing = Likeness.objects.standing().filter(pk=likeness.pk)
        if standing.update(**Likeness.ended_now(by)):
            journal.record(_news(likeness, by=by, is_dismissed=True))


def restore_likeness(likeness: Likeness, *, by: Actor) -> None:
    """They may be one after all. Twice is once. Raises NotAllowed."""
    with transaction.atomic():
        check_may_change(by)
        nobody = {"ended_by_kind": "", "ended_by_id": None, "ended_by_name": ""}
        ended = Likeness.objects.filter(pk=likeness.pk, ended_at__isnull=False)
        if ended.update(ended_at=None, **nobody):
            journal.record(_news(likeness, by=by, is_dismissed=False))


def part_for_good(one: int, other: int, *, by: Actor) -> None:
    """Keep that these two (ids) are not one, whether that was proposed or not. Needs a transaction."""
    first, second = sorted((one, other))
    Likeness.objects.update_or_create(
        one_id=first,
        other_id=second,
        defaults=Likeness.ended_now(by),
        create_defaults={**Likeness.done_by(by), **Likeness.ended_now(by)},
    )


def _news(likeness: Likeness, *, by: Actor, is_dismissed: bool) -> LikenessDismissed:
    return LikenessDismissed(
        by=by, customer=likeness.one_id, other=likeness.other_id, is_dismissed=is_dismissed
    )
