"""Time travel: going on with a run, forking it with something changed, and comparing two runs."""
