"""How a length of time reads on screen where a field holds seconds. Must not know of what."""


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


def offset_words(env, seconds):
    """How far a clock is off: `2 min 5 s ahead`, `1 h 0 min behind`; below zero is slow."""
    if not seconds:
        return env._("On time")
    words = length_words(env, seconds)
    return env._("%s ahead", words) if seconds > 0 else env._("%s behind", words)


def sentence(text):
    """A text that stands by itself begins with a capital."""
    return text[:1].upper() + text[1:] if text else text
