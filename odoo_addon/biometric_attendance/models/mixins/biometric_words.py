"""How a length of time reads on screen where a field holds seconds, how an instant does in a
sentence, and how many names a sentence holds. Must not know of what."""

from datetime import time

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
