"""Admin pages of plans, accounts, ledger entries and plan requests."""

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest

from billing import ledger, plans
from billing.models import Account, Entry, PlanRequest, Tier
from sage.admin import ReadOnlyAdmin
from sage.errors import ApplicationError

DELETED_ACCOUNT = "deleted account"


def select_email(user_id: str) -> Subquery:
    """Return a subquery for the email address of the user in column `user_id`."""
    return Subquery(get_user_model().objects.filter(pk=OuterRef(user_id)).values("email")[:1])


def match_user(text: str, user_id: str = "user_id") -> Q:
    """Return a condition for rows whose user has this id, or this text in the email address."""
    condition = Q(**{f"{user_id}__in": get_user_model().objects.filter(email__icontains=text).values("pk")})
    try:
        return condition | Q(**{user_id: uuid.UUID(text)})
    except ValueError:
        return condition


@admin.register(Tier)
class TierAdmin(admin.ModelAdmin):
    list_display = ["name", "key", "tokens", "price", "chat_messages", "upload_limit_gb", "open_uploads", "is_offered"]
    list_filter = ["is_offered"]
    search_fields = ["name", "key"]

    def get_readonly_fields(self, request: HttpRequest, obj: Tier | None = None) -> list[str]:
        return ["key"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Tier | None = None) -> bool:
        """Never delete a plan, because accounts may use it. Clear `is_offered` instead."""
        return False


class AccountForm(forms.ModelForm):
    """Change the plan, or add and subtract tokens, with a reason."""

    adjust = forms.IntegerField(
        required=False,
        min_value=-(10**12),
        max_value=10**12,
        help_text="Tokens to add. Use a negative number to subtract.",
    )
    reason = forms.CharField(required=False, max_length=200, help_text="The account's owner can read it.")

    class Meta:
        model = Account
        fields = ["tier"]

    def clean(self) -> dict[str, Any]:
        """Lock the account until it is saved, so that the checked balance stays valid."""
        data = super().clean() or {}
        Account.objects.select_for_update().get(pk=self.instance.pk)
        adjust, reason = data.get("adjust") or 0, data.get("reason", "").strip()
        has_change = bool(adjust) or "tier" in self.changed_data
        if has_change and not reason:
            self.add_error("reason", "Enter a reason.")
        if reason and not has_change:
            self.add_error("reason", "A reason alone is not saved. Adjust the tokens or choose another plan as well.")
        if adjust < 0 and -adjust > (balance := ledger.balance(self.instance.user_id).token_balance):
            self.add_error("adjust", f"The balance is {balance:,} tokens. Subtract at most that many.")
        return data


@admin.register(Account)
class AccountAdmin(admin.ModelAdmin):
    """Accounts are created automatically and never deleted, because entries refer to them."""

    form = AccountForm
    list_display = ["owner", "tier", "balance", "held", "opened_at", "next_month_at", "closed_at"]
    list_filter = ["tier", "opened_at", "closed_at"]
    list_select_related = ["tier"]
    search_fields = ["user_id"]
    search_help_text = "Part of an email address, or an id"
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
                email=select_email("user_id"),
                balance=Subquery(newest.values("balance_after")[:1]),
                held=Subquery(newest.values("held_after")[:1]),
            )
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Account], search_term: str
    ) -> tuple[QuerySet[Account], bool]:
        return (queryset.filter(match_user(search_term.strip())) if search_term.strip() else queryset), False

    @admin.display(ordering="email")
    def owner(self, account: Any) -> str:
        return account.email or DELETED_ACCOUNT

    @admin.display(ordering="balance")
    def balance(self, account: Any) -> int:
        return account.balance or 0

    @admin.display(ordering="held", description="on hold")
    def held(self, account: Any) -> int:
        return account.held or 0

    def save_model(self, request: HttpRequest, obj: Account, form: Any, change: bool) -> None:
        """Record operator, time and reason in the ledger entry."""
        assert request.user.pk  # noqa: S101 - an operator
        data, by = form.cleaned_data, request.user.pk
        if "tier" in form.changed_data:
            plans.move_account(obj.user_id, data["tier"], by, data["reason"])
        if data["adjust"]:
            ledger.adjust_balance(obj.user_id, data["adjust"], data["reason"], by)

    def construct_change_message(  # type: ignore[override]  # Django accepts a string too
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> str:
        """Record the change in the admin log too, because a move to a smaller plan adds no ledger entry."""
        data = form.cleaned_data
        moved = [f"Moved to {data['tier']}."] if "tier" in form.changed_data else []
        adjusted = [f"Adjusted by {data['adjust']:+,}."] if data["adjust"] else []
        return " ".join([*moved, *adjusted, data["reason"]])

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:
        return False


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "owner", "kind", "amount", "balance_after", "held_after", "reason", "operator"]
    list_filter = ["kind", "created_at"]
    search_fields = ["reference", "reason"]
    search_help_text = "Email address, id, reference or reason"
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        return super().get_queryset(request).annotate(email=select_email("user_id"), operator=select_email("by"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Entry], search_term: str
    ) -> tuple[QuerySet[Entry], bool]:
        text = search_term.strip()
        condition = match_user(text) | Q(reference__icontains=text) | Q(reason__icontains=text)
        return (queryset.filter(condition) if text else queryset), False

    @admin.display(ordering="email")
    def owner(self, entry: Any) -> str:
        return entry.email or DELETED_ACCOUNT

    @admin.display(ordering="operator", description="by")
    def operator(self, entry: Any) -> str:
        return entry.operator or ("" if entry.by is None else DELETED_ACCOUNT)


@admin.register(PlanRequest)
class PlanRequestAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "owner", "tier", "status", "decided_at", "decider"]
    list_filter = ["status", "tier", "created_at"]
    list_select_related = ["tier"]
    search_fields = ["account_id"]
    search_help_text = "Part of an email address, or an id"
    actions = ["accept", "decline"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PlanRequest]:
        return (
            super().get_queryset(request).annotate(email=select_email("account_id"), decider=select_email("decided_by"))
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[PlanRequest], search_term: str
    ) -> tuple[QuerySet[PlanRequest], bool]:
        text = search_term.strip()
        return (queryset.filter(match_user(text, "account_id")) if text else queryset), False

    @admin.display(ordering="email")
    def owner(self, request: Any) -> str:
        return request.email or DELETED_ACCOUNT

    @admin.display(description="decided by")
    def decider(self, request: Any) -> str:
        return request.decider or ""

    @admin.action(description="Accept and move to the plan", permissions=["decide"])
    def accept(self, request: HttpRequest, queryset: QuerySet[PlanRequest]) -> None:
        self._decide(request, queryset, plans.accept_request, "Accepted.")

    @admin.action(description="Decline", permissions=["decide"])
    def decline(self, request: HttpRequest, queryset: QuerySet[PlanRequest]) -> None:
        self._decide(request, queryset, plans.decline_request, "Declined.")

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("billing.change_planrequest")

    def _decide(self, request: HttpRequest, queryset: QuerySet[PlanRequest], decide: Any, log_message: str) -> None:
        for plan_request in queryset.select_related("tier"):
            try:
                decide(plan_request, request.user.pk)
                self.log_change(request, plan_request, log_message)
            except ApplicationError as error:
                messages.error(request, f"{plan_request.tier}: {error.message}")
