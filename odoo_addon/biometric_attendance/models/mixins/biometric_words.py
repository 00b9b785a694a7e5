"""How a date reads on screen, a length of time where a field holds seconds, an instant in a
sentence, and how many names a sentence holds. Must not know of what."""

import re
from datetime import time

from babel.dates import format_skeleton
from babel.dates import format_time as babel_time

from odoo import fields
from odoo.tools import babel_locale_parse, format_date, format_time, get_lang

# So many names a message shows; all of them are a list behind it.
NAMES_SHOWN = 10


def length_words(env, seconds):
    """`1 h 2 min`, `2 min 5 s`, `5 s`; the sign is the caller's to say."""
    _ = env._
    minutes, rest = divmod(abs(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return _("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes)
    if minutes:
        return _("%(minutes)s min %(seconds)s s", minutes=minutes, seconds=rest)
    return _("%s s", rest)


def day_words(env, day, weekday=False):
    """`Mar 2`, with weekday `Mon, Mar 2`: a date as every screen of ours shows one, and Odoo's own
    lists do: with its year where that is not this year's. owl_src/format.ts writes the same. Mails,
    papers and files are read in another year too and say it always (`format_date`)."""
    if not day:
        return ""
    year = "" if day.year == fields.Date.context_today(env.user).year else "y"
    shape = year + ("MMMEd" if weekday else "MMMd")
    return format_skeleton(shape, day, locale=babel_locale_parse(get_lang(env).code))


def span_words(env, first, last):
    """`Mar 2 – Mar 8`, `Dec 29, 2025 – Jan 4`."""
    return f"{day_words(env, first)} – {day_words(env, last)}"


def window_words(env, begin, end, zone):
    """`Mar 2 9:00 AM – 10:30 AM`: a window on screen by the clock of a zone; its end says its date
    where that is another one, and an open one ends now."""
    first, last = date_in(env, begin, zone), end and date_in(env, end, zone)
    until = time_words(env, end, zone) if end else env._("now")
    if last and last != first:
        until = f"{day_words(env, last)} {until}"
    return f"{day_words(env, first)} {time_words(env, begin, zone)} – {until}"


def moment_words(env, at, zone):
    """`03/02/2026 5:05 PM`: an instant (naive UTC) by the clock of a zone, date and time as the
    language writes them, and as days write theirs."""
    if not at:
        return ""
    return f"{format_date(env, date_in(env, at, zone))} {time_words(env, at, zone)}"


def named_moment(env, at, zone):
    """The same with the name of the zone behind it: in a mail, which is read anywhere, nothing else
    says whose clock it is. A mail speaks by the place's clock or by its reader's, never by a
    third."""
    return f"{moment_words(env, at, zone)} ({zone or 'UTC'})" if at else ""


def date_in(env, at, zone):
    """The date of an instant (naive UTC) by the clock of a zone."""
    return fields.Datetime.context_timestamp(env.user.with_context(tz=zone or "UTC"), at).date()


def time_words(env, at, zone):
    """`5:05 PM`: the same without its date."""
    return format_time(env, at, tz=zone or "UTC", time_format="short")


def clock_words(env, seconds):
    """`5:05 PM` of seconds after midnight; seconds are shown where there are any."""
    clock = time(seconds // 3600, seconds // 60 % 60, seconds % 60)
    locale = babel_locale_parse(get_lang(env).code)
    return babel_time(clock, format="medium" if clock.second else "short", locale=locale)


def clocks_words(env, text):
    """A text with times of day as `16:47`, each as the language writes it; 24:00 is midnight."""

    def words(found):
        hours, minutes = map(int, found.groups())
        return clock_words(env, (hours * 60 + minutes) % 1440 * 60)

    return re.sub(r"\b(\d\d):(\d\d)\b", words, text or "")


def offset_words(env, seconds):
    """How far a clock is off: `2 min 5 s ahead`, `1 h 0 min behind`; below zero is slow."""
    if not seconds:
        return env._("On time")
    words = length_words(env, seconds)
    return env._("%s ahead", words) if seconds > 0 else env._("%s behind", words)


def sentence(text):
    """A text that stands by itself begins with a capital."""
    return text[:1].upper() + text[1:] if text else text


def shown(names, count=None):
    """The first of these texts, and how many more. count: how many there are, where only the first
    were put into words."""
    more = (count or len(names)) - NAMES_SHOWN
    return [*names[:NAMES_SHOWN], *([f"+{more}"] if more > 0 else [])]
