"""Prompt strategies: ways of asking a model, each over any ActionSpec, for any mind in any world."""
