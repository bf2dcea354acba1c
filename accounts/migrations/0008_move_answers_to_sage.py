"""Move the model of stored responses to sage, without changing the table."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_record_by_ids"),
        ("sage", "0001_idempotent_response"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel(name="Answer")]),
    ]
