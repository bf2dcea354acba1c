"""Make ledger entries append-only and check that each follows the previous one, by database triggers."""

from django.db import migrations

NEVER = """
CREATE FUNCTION billing_entry_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Entries of the ledger are added and never changed.' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER billing_entry_stays BEFORE UPDATE OR DELETE ON billing_entry
    FOR EACH ROW EXECUTE FUNCTION billing_entry_stays();
CREATE TRIGGER billing_entries_stay BEFORE TRUNCATE ON billing_entry
    FOR EACH STATEMENT EXECUTE FUNCTION billing_entry_stays();
"""
FOLLOWS = """
CREATE FUNCTION billing_entry_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held bigint := CASE WHEN NEW.kind IN ('hold', 'release') THEN NEW.amount ELSE 0 END;
    last record;
BEGIN
    SELECT number, balance_after, held_after INTO last
        FROM billing_entry WHERE user_id = NEW.user_id ORDER BY number DESC LIMIT 1;
    IF (NEW.number, NEW.balance_after, NEW.held_after) IS DISTINCT FROM (
        COALESCE(last.number, 0) + 1, COALESCE(last.balance_after, 0) + NEW.amount, COALESCE(last.held_after, 0) - held
    ) THEN
        RAISE EXCEPTION 'Entry % of % does not follow from the one before it.', NEW.number, NEW.user_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_entry_follows BEFORE INSERT ON billing_entry
    FOR EACH ROW EXECUTE FUNCTION billing_entry_follows();
"""
FREE_AGAIN = """
DROP TRIGGER billing_entry_follows ON billing_entry;
DROP TRIGGER billing_entry_stays ON billing_entry;
DROP TRIGGER billing_entries_stay ON billing_entry;
DROP FUNCTION billing_entry_follows();
DROP FUNCTION billing_entry_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_ledger")]
    operations = [migrations.RunSQL(NEVER + FOLLOWS, FREE_AGAIN)]
