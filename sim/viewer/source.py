"""Where a playback's events come from: a run's record, finished or still being written."""

from __future__ import annotations

from pathlib import Path

from burgh.sim.record.reader import Tail, open_log
from burgh.sim.viewer.playback import Playback


class RecordSource:
    """Feeds what has been recorded since the last look. The same for a finished run and for a live one."""

    def __init__(self, path: Path | str) -> None:
        """Raises BurghError where there is no record."""
        self._tail = Tail(open_log(path))

    @property
    def ended(self) -> bool:
        """Whether the record's last frame has been read."""
        return self._tail.ended

    def feed(self, playback: Playback) -> bool:
        """Reads on; True where something came. Raises BurghError for a damaged frame."""
        if self._tail.ended:
            return False
        frames = self._tail.new_frames()
        for frame in frames:
            playback.feed(frame.events)
        return bool(frames)
