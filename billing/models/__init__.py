"""Tiers, the accounts that are on them, and the entries of the ledger."""

from billing.models.account import Account
from billing.models.entry import Entry
from billing.models.request import PlanRequest
from billing.models.tier import Tier

__all__ = ["Account", "Entry", "PlanRequest", "Tier"]
