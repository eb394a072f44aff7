"""Minds of a storefront: providers who pitch, and customers who choose."""
