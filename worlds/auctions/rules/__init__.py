"""Pure rules of allocation and payment: whole numbers in, whole numbers out; no agents, no time."""
