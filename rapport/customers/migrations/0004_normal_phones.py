from __future__ import annotations

from django.db import migrations

#: Phones are kept as + and digits from now on; where that would make two of one, both stay as they are.
NORMAL = """
UPDATE customers_identity one SET value = normal
FROM (SELECT id, regexp_replace(regexp_replace(value, '^tel:|[[:space:]()./-]', '', 'g'), '^00(?=[1-9])', '+') AS normal
      FROM customers_identity WHERE kind = 'phone') new
WHERE one.id = new.id AND one.value <> normal
  AND NOT EXISTS (SELECT FROM customers_identity x WHERE x.kind = 'phone' AND x.id <> one.id
                  AND regexp_replace(regexp_replace(x.value, '^tel:|[[:space:]()./-]', '', 'g'), '^00(?=[1-9])', '+') = normal)
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0003_people")]
    operations = [migrations.RunSQL(NORMAL, migrations.RunSQL.noop)]
