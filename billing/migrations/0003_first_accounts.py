"""Create the three tiers, and an account with its first month for each existing user."""

from datetime import timedelta

from django.conf import settings
from django.db import migrations
from django.utils import timezone

TIERS = {
    "free": {"name": "Free", "tokens": 3_600, "price": 0, "chat_messages": 20, "upload_limit_gb": 5},
    "pro": {"name": "Pro", "tokens": 72_000, "price": 19, "chat_messages": 200, "upload_limit_gb": 50},
    "studio": {"name": "Studio", "tokens": 360_000, "price": 79, "chat_messages": 1_000, "upload_limit_gb": 900},
}


def seed(apps, schema_editor):
    every_tier = apps.get_model("billing", "Tier").objects
    tiers = {key: every_tier.get_or_create(key=key, defaults=facts)[0] for key, facts in TIERS.items()}
    everybody = apps.get_model(*settings.AUTH_USER_MODEL.split(".")).objects
    now = timezone.now()
    for user in everybody.filter(is_system=False):
        open_account(apps, user, tiers["studio" if user.is_superuser else "free"], now)


def open_account(apps, user, tier, now):
    """Open an account whose next month starts in 30 days. Later months start on the day of the month."""
    account = apps.get_model("billing", "Account")
    entry = apps.get_model("billing", "Entry")
    account.objects.create(user_id=user.pk, tier=tier, opened_at=now, months=1, next_month_at=now + timedelta(days=30))
    entry.objects.create(
        user_id=user.pk,
        number=1,
        kind="grant",
        amount=tier.tokens,
        balance_after=tier.tokens,
        held_after=0,
        reference=f"month:{user.pk}:0",
        reason=f"The first month on {tier.name}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0002_append_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("accounts", "0002_answers"),
    ]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
