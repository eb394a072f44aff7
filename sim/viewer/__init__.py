"""The window: scenes from a run's record, drawn. Only what is drawn with pygame imports it."""

import os

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
