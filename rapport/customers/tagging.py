"""Tagging people: the team's own words for who somebody is."""

from __future__ import annotations

import unicodedata

from django.db.models import Value
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from rapport.customers.events import CustomerTagged, CustomerUntagged
from rapport.customers.locking import Refusal, locked_customer
from rapport.customers.models import Customer, CustomerTag, CustomerTagging
from rapport.kernel import journal
from rapport.kernel.actors import Actor

LONGEST = 60
MOST = 50


class BadTag(Refusal):
    """No word, or too long a one."""

    message = _("A tag is a word or a few, at most 60 characters.")


class TooManyTags(Refusal):
    """A person with fifty tags has none."""

    message = _("There are 50 tags on this customer. Take one off first.")


def tag_customer(customer: Customer, *, tag: str, by: Actor) -> CustomerTagging:
    """Put a tag on, made if it is new; its case does not matter; twice is once.

    Raises BadTag, TooManyTags, NotAllowed, MergedAway.
    """
    name = tidy_tag(tag)
    with locked_customer(customer, by=by) as fresh:
        word = tag_named(name)
        standing = fresh.taggings.filter(tag=word).first()
        if standing is not None:
            return standing
        if fresh.taggings.count() >= MOST:
            raise TooManyTags
        tagging = CustomerTagging.objects.create(
            customer=fresh, tag=word, **CustomerTagging.done_by(by)
        )
        journal.record(CustomerTagged(by=by, customer=fresh.pk, tag=word.name))
    return tagging


def untag_customer(customer: Customer, *, tag: str, by: Actor) -> bool:
    """Take a tag off; False where it was not on. Raises BadTag, NotAllowed, MergedAway."""
    name = tidy_tag(tag)
    with locked_customer(customer, by=by) as fresh:
        folded = fresh.taggings.alias(folded=Lower("tag__name"))
        tagging = folded.filter(folded=Lower(Value(name))).select_related("tag").first()
        if tagging is None:
            return False
        tagging.delete()
        journal.record(CustomerUntagged(by=by, customer=fresh.pk, tag=tagging.tag.name))
    return True


def tag_named(name: str) -> CustomerTag:
    """The tag of this name, made where there is none, also when two make it at once."""
    CustomerTag.objects.bulk_create([CustomerTag(name=name)], ignore_conflicts=True)
    return CustomerTag.objects.alias(folded=Lower("name")).get(folded=Lower(Value(name)))


def tidy_tag(tag: str) -> str:
    """The name as it is kept: composed characters, single blanks, no # in front. Raises BadTag."""
    name = " ".join(unicodedata.normalize("NFC", tag).split()).lstrip("#").strip()
    if not name or len(name) > LONGEST or not name.isprintable():
        raise BadTag
    return name
