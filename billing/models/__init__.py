"""Models of tiers, accounts, plan requests and ledger entries."""

from billing.models.account import Account
from billing.models.entry import Entry
from billing.models.request import PlanRequest
from billing.models.tier import Tier

__all__ = ["Account", "Entry", "PlanRequest", "Tier"]
