"""Plans, accounts and the ledger, for operators."""

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest

from billing import ledger, plans
from billing.models import Account, Entry, PlanRequest, Tier
from sage.admin import ReadOnly
from sage.errors import Problem

GONE = "deleted account"


def emails(user_id: str) -> Subquery:
    """Whose account it is, by address."""
    return Subquery(get_user_model().objects.filter(pk=OuterRef(user_id)).values("email")[:1])


def known_as(words: str, user_id: str = "user_id") -> Q:
    """Rows of whom these are a part of the address, or the id."""
    found = Q(**{f"{user_id}__in": get_user_model().objects.filter(email__icontains=words).values("pk")})
    try:
        return found | Q(**{user_id: uuid.UUID(words)})
    except ValueError:
        return found


@admin.register(Tier)
class TierAdmin(admin.ModelAdmin):
    list_display = ["name", "key", "tokens", "price", "chat_messages", "upload_limit_gb", "is_offered"]
    list_filter = ["is_offered"]
    search_fields = ["name", "key"]

    def get_readonly_fields(self, request: HttpRequest, obj: Tier | None = None) -> list[str]:
        return ["key"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Tier | None = None) -> bool:
        """It can be offered no more; accounts may be on it."""
        return False


class AccountForm(forms.ModelForm):
    """The plan, and tokens to add or take away for a reason."""

    adjust = forms.IntegerField(
        required=False,
        min_value=-(10**12),
        max_value=10**12,
        help_text="Tokens to add; below zero, to take away.",
    )
    reason = forms.CharField(required=False, max_length=200, help_text="Why; the owner reads it too.")

    class Meta:
        model = Account
        fields = ["tier"]

    def clean(self) -> dict[str, Any]:
        """The account stays locked from here until it is saved: so what is said of its balance holds until then."""
        said = super().clean() or {}
        Account.objects.select_for_update().get(pk=self.instance.pk)
        adjust, reason = said.get("adjust") or 0, said.get("reason", "").strip()
        does_anything = bool(adjust) or "tier" in self.changed_data
        if does_anything and not reason:
            self.add_error("reason", "Say why.")
        if reason and not does_anything:
            self.add_error("reason", "This would be kept nowhere: adjust the tokens or choose another plan as well.")
        if adjust < 0 and -adjust > (left := ledger.balance(self.instance.user_id).token_balance):
            self.add_error("adjust", f"There are {left:,} tokens, so no more than those can be taken away.")
        return said


@admin.register(Account)
class AccountAdmin(admin.ModelAdmin):
    """Nobody adds or deletes accounts: they open by themselves, and entries point at them for good."""

    form = AccountForm
    list_display = ["owner", "tier", "balance", "held", "opened_at", "next_month_at", "closed_at"]
    list_filter = ["tier", "opened_at", "closed_at"]
    list_select_related = ["tier"]
    search_fields = ["user_id"]
    search_help_text = "An address, a part of one, or an id"
    fieldsets = [
        (None, {"fields": ["owner", "user_id", "tier"]}),
        ("Tokens", {"fields": ["balance", "held", "adjust", "reason"]}),
        ("Months", {"fields": ["opened_at", "months", "next_month_at", "closed_at"]}),
    ]
    readonly_fields = ["owner", "user_id", "balance", "held", "opened_at", "months", "next_month_at", "closed_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        newest = Entry.objects.of(OuterRef("user_id"))  # type: ignore[arg-type]
        return (
            super()
            .get_queryset(request)
            .annotate(
                email=emails("user_id"),
                balance=Subquery(newest.values("balance_after")[:1]),
                held=Subquery(newest.values("held_after")[:1]),
            )
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Account], search_term: str
    ) -> tuple[QuerySet[Account], bool]:
        return (queryset.filter(known_as(search_term.strip())) if search_term.strip() else queryset), False

    @admin.display(ordering="email")
    def owner(self, account: Any) -> str:
        return account.email or GONE

    @admin.display(ordering="balance")
    def balance(self, account: Any) -> int:
        return account.balance or 0

    @admin.display(ordering="held", description="on hold")
    def held(self, account: Any) -> int:
        return account.held or 0

    def save_model(self, request: HttpRequest, obj: Account, form: Any, change: bool) -> None:
        """Who, when and why is in the entry."""
        assert request.user.pk  # noqa: S101 - an operator
        said, by = form.cleaned_data, request.user.pk
        if "tier" in form.changed_data:
            plans.move(obj.user_id, said["tier"], by, said["reason"])
        if said["adjust"]:
            ledger.adjust(obj.user_id, said["adjust"], said["reason"], by)

    def construct_change_message(  # type: ignore[override]  # Django takes words as well
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> str:
        """Kept here too, since to a smaller plan nothing is granted that the ledger could tell of."""
        said = form.cleaned_data
        moved = [f"Moved to {said['tier']}."] if "tier" in form.changed_data else []
        adjusted = [f"Adjusted by {said['adjust']:+,}."] if said["adjust"] else []
        return " ".join([*moved, *adjusted, said["reason"]])

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:
        return False


@admin.register(Entry)
class EntryAdmin(ReadOnly):
    list_display = ["created_at", "owner", "kind", "amount", "balance_after", "held_after", "reason", "operator"]
    list_filter = ["kind", "created_at"]
    search_fields = ["reference", "reason"]
    search_help_text = "An address, an id, a reference or a reason"
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        return super().get_queryset(request).annotate(email=emails("user_id"), operator=emails("by"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Entry], search_term: str
    ) -> tuple[QuerySet[Entry], bool]:
        words = search_term.strip()
        found = known_as(words) | Q(reference__icontains=words) | Q(reason__icontains=words)
        return (queryset.filter(found) if words else queryset), False

    @admin.display(ordering="email")
    def owner(self, entry: Any) -> str:
        return entry.email or GONE

    @admin.display(ordering="operator", description="by")
    def operator(self, entry: Any) -> str:
        return entry.operator or ("" if entry.by is None else GONE)


@admin.register(PlanRequest)
class PlanRequestAdmin(ReadOnly):
    list_display = ["created_at", "owner", "tier", "status", "decided_at", "decider"]
    list_filter = ["status", "tier", "created_at"]
    list_select_related = ["tier"]
    search_fields = ["account_id"]
    search_help_text = "An address, a part of one, or an id"
    actions = ["accept", "decline"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PlanRequest]:
        return super().get_queryset(request).annotate(email=emails("account_id"), decider=emails("decided_by"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[PlanRequest], search_term: str
    ) -> tuple[QuerySet[PlanRequest], bool]:
        words = search_term.strip()
        return (queryset.filter(known_as(words, "account_id")) if words else queryset), False

    @admin.display(ordering="email")
    def owner(self, request: Any) -> str:
        return request.email or GONE

    @admin.display(description="decided by")
    def decider(self, request: Any) -> str:
        return request.decider or ""

    @admin.action(description="Accept: move them to the plan", permissions=["decide"])
    def accept(self, request: HttpRequest, queryset: QuerySet[PlanRequest]) -> None:
        self._decide(request, queryset, plans.accept, "Accepted.")

    @admin.action(description="Decline", permissions=["decide"])
    def decline(self, request: HttpRequest, queryset: QuerySet[PlanRequest]) -> None:
        self._decide(request, queryset, plans.decline, "Declined.")

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("billing.change_planrequest")

    def _decide(self, request: HttpRequest, queryset: QuerySet[PlanRequest], verb: Any, said: str) -> None:
        for wish in queryset.select_related("tier"):
            try:
                verb(wish, request.user.pk)
                self.log_change(request, wish, said)
            except Problem as problem:
                messages.error(request, f"{wish.tier}: {problem.message}")
