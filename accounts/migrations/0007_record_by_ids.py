"""Store only IDs in the admin log, by a database trigger, so that no names remain after an account is removed."""

from django.db import migrations

BY_IDS = """
UPDATE django_admin_log SET object_repr = left(coalesce(object_id, ''), 200);
CREATE FUNCTION accounts_record_by_ids() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.object_repr := left(coalesce(NEW.object_id, ''), 200);
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_record_by_ids BEFORE INSERT OR UPDATE ON django_admin_log
    FOR EACH ROW EXECUTE FUNCTION accounts_record_by_ids();
"""
BY_NAMES = """
DROP TRIGGER accounts_record_by_ids ON django_admin_log;
DROP FUNCTION accounts_record_by_ids();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_sealed_answers"),
        ("admin", "0003_logentry_add_action_flag_choices"),
    ]
    operations = [migrations.RunSQL(BY_IDS, BY_NAMES)]
