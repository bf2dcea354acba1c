"""Serializers of balances, plans and ledger entries."""

from typing import Any

from rest_framework import serializers

from billing.models import Entry, Tier


class TierReadSerializer(serializers.Serializer[Tier]):
    name = serializers.CharField()
    tokens = serializers.IntegerField(help_text="Granted each month.")
    price = serializers.FloatField(help_text="Per month, in the currency of the site.")


class TierOfferSerializer(TierReadSerializer):
    chat_messages = serializers.IntegerField(help_text="Questions per day.")
    upload_limit_bytes = serializers.IntegerField(help_text="Maximum size of one file.")


class TiersReadSerializer(serializers.Serializer[Any]):
    tiers = TierOfferSerializer(many=True)
    currency = serializers.CharField()


class BalanceReadSerializer(serializers.Serializer[Any]):
    token_balance = serializers.IntegerField(help_text="Tokens that you can spend: the sum of all entries.")
    held = serializers.IntegerField(help_text="Tokens on hold for work that is not finished.")
    tier = TierReadSerializer()


class EntryReadSerializer(serializers.Serializer[Entry]):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(Entry.Kind.choices)
    amount = serializers.IntegerField(help_text="Positive or negative.")
    video_id = serializers.UUIDField(allow_null=True)
    reason = serializers.CharField()
    balance_after = serializers.IntegerField()
    created_at = serializers.DateTimeField()
