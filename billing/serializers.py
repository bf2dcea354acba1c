"""What the API shows of tokens: shapes only."""

from typing import Any

from rest_framework import serializers

from billing.models import Entry, Tier


class TierRead(serializers.Serializer[Tier]):
    name = serializers.CharField()
    tokens = serializers.IntegerField(help_text="Granted each month.")
    price = serializers.FloatField(help_text="A month, in the site's currency.")


class TierOffer(TierRead):
    chat_messages = serializers.IntegerField(help_text="Questions a day.")
    upload_limit_bytes = serializers.IntegerField(help_text="Of one file.")


class TiersRead(serializers.Serializer[Any]):
    tiers = TierOffer(many=True)
    currency = serializers.CharField()


class BalanceRead(serializers.Serializer[Any]):
    token_balance = serializers.IntegerField(help_text="What may still be spent: the sum of all entries.")
    held = serializers.IntegerField(help_text="What open holds have taken out of it.")
    tier = TierRead()


class EntryRead(serializers.Serializer[Entry]):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(Entry.Kind.choices)
    amount = serializers.IntegerField(help_text="Signed.")
    video_id = serializers.UUIDField(allow_null=True)
    reason = serializers.CharField()
    balance_after = serializers.IntegerField()
    created_at = serializers.DateTimeField()
