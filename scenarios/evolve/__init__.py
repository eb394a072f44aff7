"""Evolution of strategies: children are proposed, compared over the same draws, kept if surely better."""
