"""What theory says of auctions, simulated and set beside its closed forms."""
