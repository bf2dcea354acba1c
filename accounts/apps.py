from django.apps import AppConfig

from accounts import limits
from sage.limits import scopes
from sage.pages import layout
from sage.pages.layout import NavigationItem, Place


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from accounts import signals  # noqa: F401 - models can be imported only now

        scopes.register(*limits.SCOPES)
        account = NavigationItem(
            label="Account", url_name="accounts:profile", order=10, place=Place.MENU, icon="user-round"
        )
        layout.add_navigation_item(account)
