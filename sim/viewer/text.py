"""Text: pygame's own font for Latin, a font of the system for what that one lacks; wrapped, cached."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from functools import lru_cache
from pathlib import Path

import pygame

from burgh.assets.art.palette import Colour

CJK_FONTS = (
    "notosanscjksc,notosanscjktc,notosanscjkjp,sourcehansanscn,wenquanyimicrohei,wenquanyizenhei,"
    "microsoftyahei,simhei,pingfangsc,hiraginosansgb,arialunicodems,droidsansfallback"
)
CJK_PACKAGE, CJK_FILE = "pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf"  # Noto Sans SC, SIL OFL 1.1
FINE = 3
CJK_LETTERS = 0.78  # and Chinese letters fill theirs
CJK_ABOVE, CJK_BELOW = 0.88, 0.26  # how far letters reach from their line, a "g" among them, in ems
FOREIGN = re.compile("[\u2e80-\U0010ffff]")  # that the Latin font lacks
LETTERS = 1.16  # pygame's font is small for its size
NO_START = frozenset("、。，．！？：；…—·～％）］｝〕〉》」』】〗”’々ー!?,.:;)]}%")  # begin no line
NO_END = frozenset("（［｛〔〈《「『【〖“‘([{")  # end no line


class Fonts:
    """Fonts in sizes that grow with the window. scale 1 is meant for 1280 x 720."""

    def __init__(self, scale: float = 1.0) -> None:
        pygame.font.init()
        self.scale = scale
        self._fonts: dict[tuple[int, bool], pygame.font.Font] = {}
        self._widths: dict[tuple[str, int], int] = {}
        self._wrapped: dict[tuple[str, int, int, int | None], list[str]] = {}
        self._drawn: dict[tuple[str, int, Colour, Colour | None], pygame.Surface] = {}

    def px(self, size: float) -> int:
        """A length in pixels of this window."""
        return max(1, round(size * self.scale))

    def font(self, size: int, text: str = "") -> pygame.font.Font:
        """A font, FINE times as large, that has the letters of a text, as far as the machine has one."""
        foreign = not _is_latin(text) and _cjk_path() is not None
        key = (self.px(size * LETTERS), foreign)
        if key not in self._fonts:
            fine = self._em(size) if foreign else key[0] * FINE
            self._fonts[key] = pygame.font.Font(_cjk_path() if foreign else None, fine)
        return self._fonts[key]

    def width(self, text: str, size: int) -> int:
        found = self._widths.get((text, size))
        if found is None:
            if len(self._widths) > 4000:
                self._widths.clear()
            found = self._widths[text, size] = -(-self.font(size, text).size(text)[0] // FINE)
        return found

    def height(self, size: int, text: str = "") -> int:
        """How far below a line of this text the next one is: Chinese letters take more room."""
        latin = -(-self.font(size).get_linesize() // FINE)
        if _is_latin(text) or _cjk_path() is None:
            return latin
        return max(latin, -(-self._cjk_height(size) // FINE))

    def draw(self, text: str, size: int, colour: Colour, halo: Colour | None = None) -> pygame.Surface:
        """A line of text, with a halo of one pixel where one is asked for. Not to be changed."""
        key = (text, size, colour, halo)
        found = self._drawn.get(key)
        if found is None:
            if len(self._drawn) > 4000:
                self._drawn.clear()
            found = self._drawn[key] = self._render(text, size, colour, halo)
        return found

    def _render(self, text: str, size: int, colour: Colour, halo: Colour | None) -> pygame.Surface:
        font = self.font(size, text)
        line = self._line(font, text, size, colour)
        if halo is None:
            return line
        r = max(1, round(self.scale))
        around = self._line(font, text, size, halo)
        picture = pygame.Surface((line.get_width() + 2 * r, line.get_height() + 2 * r), pygame.SRCALPHA, 32)
        for dx in (0, r, 2 * r):
            for dy in (0, r, 2 * r):
                picture.blit(around, (dx, dy))
        picture.blit(line, (r, r))
        return picture

    def _line(self, font: pygame.font.Font, text: str, size: int, colour: Colour) -> pygame.Surface:
        """A line as high as its letters: Chinese fonts have more room above and below than those take."""
        line = font.render(text, True, colour)
        top = font.get_ascent() - round(CJK_ABOVE * self._em(size))
        high = max(self._cjk_height(size), self.height(size) * FINE)
        if _is_latin(text) or top < 0 or top + high > line.get_height():
            return _smaller(line)
        return _smaller(line.subsurface((0, top, line.get_width(), high)))

    def _em(self, size: int) -> int:
        """The height of a Chinese letter, FINE times as large."""
        return round(self.px(size * LETTERS) * FINE * CJK_LETTERS)

    def _cjk_height(self, size: int) -> int:
        """The height of a line of Chinese letters, FINE times as large."""
        return round((CJK_ABOVE + CJK_BELOW) * self._em(size))

    def wrap(self, text: str, size: int, width: int, max_lines: int | None = None) -> list[str]:
        """Lines of at most so many pixels; words longer than a line are cut; "…" ends what did not fit."""
        key = (text, size, width, max_lines)
        found = self._wrapped.get(key)
        if found is None:
            if len(self._wrapped) > 4000:
                self._wrapped.clear()
            found = self._wrapped[key] = self._wrap(text, size, width, max_lines)
        return found

    def _wrap(self, text: str, size: int, width: int, max_lines: int | None) -> list[str]:
        lines: list[str] = []
        line = ""
        for word in _pieces(text):
            if max_lines is not None and len(lines) > max_lines:
                break
            trial = line + word
            if self.width(trial.rstrip(), size) <= width:
                line = trial
                continue
            if line.strip():
                lines.append(line.rstrip())
            line = word.lstrip()
            while self.width(line.rstrip(), size) > width and len(line) > 1:
                cut = _allowed(line, self._longest(line, size, width))
                lines.append(line[:cut])
                line = line[cut:]
                if max_lines is not None and len(lines) > max_lines:
                    break
        lines.append(line.rstrip())
        if max_lines is not None and len(lines) > max_lines:
            last = lines[max_lines - 1]
            while last and self.width(last + "…", size) > width:
                last = last[:-1]
            lines = [*lines[: max_lines - 1], last + "…"]
        return lines

    def _longest(self, text: str, size: int, width: int) -> int:
        """How many letters of a text fit, one at least."""
        fits, too_long = 1, len(text) + 1
        while too_long - fits > 1:
            middle = min((fits + too_long) // 2, 2 * fits)  # the texts that are measured stay short
            if self.width(text[:middle], size) > width:
                too_long = middle
            else:
                fits = middle
        return fits


def _smaller(picture: pygame.Surface) -> pygame.Surface:
    """Letters are drawn large and made smaller: so they keep their distances at any size."""
    width, height = picture.get_size()
    if not width or not height:  # of an empty text; pygame falls over it
        return pygame.Surface((1, max(1, -(-height // FINE))), pygame.SRCALPHA, 32)
    return pygame.transform.smoothscale(picture, (max(1, -(-width // FINE)), max(1, -(-height // FINE))))


def _pieces(text: str) -> list[str]:
    """Between them a line may break: after blanks, and on either side of a character that is not Latin, but
    not before what begins no line, nor after what ends none."""
    words = text.split()
    if _is_latin(text):  # most texts: at blanks alone, in less time
        return [*(f"{word} " for word in words[:-1]), *words[-1:]]
    pieces: list[str] = []
    for char in " ".join(words):
        last = pieces[-1][-1] if pieces else " "
        free = not _is_latin(last + char) and char not in NO_START and last not in NO_END
        if not pieces or (char != " " and (last == " " or free)):
            pieces.append(char)
        else:
            pieces[-1] += char
    return pieces


def _allowed(text: str, cut: int) -> int:
    """Where to cut a piece that is longer than a line: there, or before, so that no line begins amiss."""
    places = (
        at for at in range(cut, 0, -1) if text[at : at + 1] not in NO_START and text[at - 1] not in NO_END
    )
    return next(places, cut)


def _is_latin(text: str) -> bool:
    return text.isascii() or FOREIGN.search(text) is None


@lru_cache(maxsize=1)
def _cjk_path() -> str | None:
    """A font with Chinese letters: of the extra `zh`, else one of the system's, by name or by what it has."""
    return _packaged() or pygame.font.match_font(CJK_FONTS) or _listed()


def _packaged() -> str | None:
    spec = importlib.util.find_spec(CJK_PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec is not None else []:
        path = Path(folder) / CJK_FILE
        if path.is_file():
            return str(path)
    return None


def _listed() -> str | None:
    """What fontconfig knows, where there is one."""
    try:
        done = subprocess.run(
            ["fc-list", ":lang=zh-cn", "-f", "%{file}\n"],
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return next((line for line in sorted(done.stdout.splitlines()) if Path(line).is_file()), None)


def missing_letters(text: str) -> str:
    """A sentence that says what to install where no font here has a text's letters; "" where one has."""
    if _is_latin(text) or _cjk_path() is not None:
        return ""
    return "no font here has Chinese letters: pip install 'burgh[zh]', or a system font such as Noto Sans CJK"
