"""Customers are found by how their names, and their family names, begin."""

from __future__ import annotations

from django.db import migrations

MAKE = """
CREATE INDEX customers_customer_name_begins ON customers_customer
    ((lower(name COLLATE "C")) COLLATE "C");
CREATE INDEX customers_customer_family_begins ON customers_customer
    ((lower(regexp_replace(name, '^.*\\s', '') COLLATE "C")) COLLATE "C");
"""
DROP = "DROP INDEX customers_customer_name_begins, customers_customer_family_begins"


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]
    operations = [migrations.RunSQL(MAKE, DROP)]
