"""Plans: monthly tokens, limits and prices."""

from decimal import Decimal
from typing import Any

from django.db import models

GB = 1024**3


class TierManager(models.Manager["Tier"]):
    def get_builtin(self, key: str) -> "Tier":
        """Return a built-in tier. Create it with its default values if its row is missing."""
        return self.get_or_create(key=key, defaults=SEEDS[key])[0]

    def offered(self) -> models.QuerySet["Tier"]:
        return self.filter(is_offered=True)


class Tier(models.Model):
    """A plan. Operators can edit everything except `key`, which identifies the built-in tiers."""

    FREE = "free"
    PRO = "pro"
    STUDIO = "studio"

    key = models.SlugField(max_length=40, unique=True, help_text="Identifies the plan. It cannot be changed.")
    name = models.CharField(max_length=40, unique=True)
    tokens = models.PositiveBigIntegerField("tokens per month", help_text="One token pays for one second of video.")
    price = models.DecimalField(
        "price per month", max_digits=9, decimal_places=2, default=Decimal(0), help_text="In the currency of this site."
    )
    chat_messages = models.PositiveIntegerField("questions per day", help_text="Counted from midnight UTC.")
    upload_limit_gb = models.PositiveIntegerField(
        "largest file, GB", help_text="The site limit (UPLOAD_LIMIT_GB) applies as well."
    )
    open_uploads = models.PositiveIntegerField("unfinished uploads", default=20, help_text="Per account.")
    open_upload_gb = models.PositiveIntegerField(
        "unfinished uploads, GB", default=10, help_text="Of all files of an account together."
    )
    is_offered = models.BooleanField(
        "offered", default=True, help_text="Clear this to hide the plan from the plan page."
    )

    objects = TierManager()

    class Meta:
        ordering = ["price", "tokens", "key"]
        constraints = [models.CheckConstraint(condition=models.Q(price__gte=0), name="billing_tier_price")]

    def __str__(self) -> str:
        return self.name

    @property
    def upload_limit_bytes(self) -> int:
        return self.upload_limit_gb * GB

    @property
    def open_upload_bytes(self) -> int:
        """How much the unfinished uploads of an account may announce together. One file of any size is allowed."""
        return max(self.open_upload_gb, self.upload_limit_gb) * GB


SEEDS: dict[str, dict[str, Any]] = {
    Tier.FREE: {
        "name": "Free",
        "tokens": 3_600,
        "price": Decimal(0),
        "chat_messages": 20,
        "upload_limit_gb": 5,
        "open_uploads": 20,
        "open_upload_gb": 10,
    },
    Tier.PRO: {
        "name": "Pro",
        "tokens": 72_000,
        "price": Decimal(19),
        "chat_messages": 200,
        "upload_limit_gb": 50,
        "open_uploads": 100,
        "open_upload_gb": 100,
    },
    Tier.STUDIO: {
        "name": "Studio",
        "tokens": 360_000,
        "price": Decimal(79),
        "chat_messages": 1_000,
        "upload_limit_gb": 900,
        "open_uploads": 100,
        "open_upload_gb": 1_800,
    },
}
