"""Times of day that a text names: 11:00, and in Chinese 11点, 上午十一点半, 下午两点三刻."""

from __future__ import annotations

import re

TIME_OF_DAY = re.compile(r"(?<!\d)(?:[01]?\d|2[0-3]):[0-5]\d(?!\d)")
AFTERNOON = ("中午", "下午", "傍晚", "晚上", "今晚", "明晚", "夜里")
BEFORE_NOON = ("凌晨", "清晨", "早上", "早晨", "今早", "明早", "上午")
NUMERAL = "零〇一二两三四五六七八九十"
DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
SPOKEN = re.compile(
    rf"(?P<part>{'|'.join((*AFTERNOON, *BEFORE_NOON))})?(?<!\d)(?:(?P<hour>\d{{1,2}}|[{NUMERAL}]{{1,3}})"
    rf"(?:[点點时時](?P<sharp>[钟整鐘])?(?:(?P<half>半)|(?P<quarters>[一三])刻"
    rf"|(?P<minutes>\d{{1,2}}|[{NUMERAL}]{{1,3}})分?)?|[:：](?P<written>[0-5]\d)(?!\d)))"
)
HOURS, MINUTES = 24, 60


def times_in(text: str) -> tuple[str, ...]:
    """The times of day that a text names, in its order: as written, or as HH:MM where they are spoken."""
    found = [(match.start(), match[0]) for match in TIME_OF_DAY.finditer(text)]
    for match in SPOKEN.finditer(text):
        if (said := _spoken(match)) is not None:
            found = [one for one in found if not match.start() <= one[0] < match.end()]
            found.append((match.start(), said))
    return tuple(time for _, time in sorted(found))


def number_of(numeral: str) -> int | None:
    """A number up to 99 in digits or in Chinese: 12, 十二, 二十三; None for what is none."""
    if numeral.isdecimal():
        return int(numeral)
    tens, ten, ones = numeral.rpartition("十")
    if "十" in tens or (ten and (len(tens) > 1 or len(ones) > 1)) or (not ten and len(ones) > 2):
        return None
    if not ten:  # 零五
        return DIGITS[ones[-1]] if len(ones) == 1 or ones[0] in "零〇" else None
    return (DIGITS[tens] if tens else 1) * 10 + (DIGITS[ones] if ones else 0)


def _spoken(match: re.Match[str]) -> str | None:
    """HH:MM; None for what is no time, as 一点 that means a little, and where TIME_OF_DAY says it already."""
    part, hour = match["part"] or "", number_of(match["hour"])
    plain = match["hour"] in ("一", "两") and not any(
        match[more] for more in ("sharp", "half", "quarters", "minutes")
    )
    if hour is None or (plain and not part):
        return None
    if match["written"] and not part and ":" in match[0]:
        return None
    minute = number_of(match["written"] or match["minutes"] or "0")
    if match["half"]:
        minute = 30
    elif match["quarters"]:
        minute = 15 * (number_of(match["quarters"]) or 0)
    if part in AFTERNOON and hour < 12 and not (part == "中午" and hour >= 10):
        hour += 12
    if minute is None or hour >= HOURS or minute >= MINUTES:
        return None
    return f"{hour:02}:{minute:02}"


def without_times(text: str) -> str:
    """The text without the times of day that it names."""
    return SPOKEN.sub(lambda match: match[0] if _spoken(match) is None else " ", TIME_OF_DAY.sub(" ", text))
