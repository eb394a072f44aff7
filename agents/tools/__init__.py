"""Tools that agents call: typed arguments, bounded time and output, results and errors as observations."""
