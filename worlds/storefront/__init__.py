"""The storefront: providers pitch offers to a customer, who chooses one and learns its quality afterwards."""

from burgh.worlds.storefront.storefront import SUPPLIERS, Provider, Storefront

__all__ = ["SUPPLIERS", "Provider", "Storefront"]
