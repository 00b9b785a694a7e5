"""To 19.0.1.5.0: the mailed statement of completeness speaks by the clock of its branch, with the
name of the zone, no longer in UTC.

The template belongs to its users once it is there (noupdate). Only the expressions of ours that end
in UTC are changed, in every language; a template that somebody wrote anew stays as it is.
"""

from odoo import SUPERUSER_ID, api


def _change(value, otherwise=""):
    """An instant in UTC as it stands there, and as the branch's clock says it."""
    clock = f"object._statement_clock({value})"
    return f'<t t-out="{value}{otherwise}"/>', f'<t t-out="{clock}{otherwise}"/>'


NOW = " or 'now'"
# What stands there and what shall; the word between two instants is each language's own.
CHANGES = (
    _change("gap.window_from"),
    *(
        (f"{before} UTC", now)
        for before, now in (
            _change("said['not_in_service']"),
            _change("said['complete_until']"),
            _change("gap.window_to", NOW),
            _change("gap.window_to"),
        )
    ),
    ("device.complete_until or ", "object._statement_clock(device.complete_until) or "),
    (" (UTC)</th>", "</th>"),
)


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    template = env.ref("biometric_attendance.mail_template_statement", raise_if_not_found=False)
    if not template:
        return
    languages = [code for code, _name in env["res.lang"].get_installed() if code != "en_US"]
    for language in ["en_US", *languages]:
        spoken = template.with_context(lang=language)
        body = str(spoken.body_html or "")
        words = _by_the_branch(body)
        if words != body:
            spoken.body_html = words


def _by_the_branch(body):
    """The words of before with the branch's clock; as they are where one of ours is not there."""
    if any(before not in body for before, _now in CHANGES):
        return body
    for before, now in CHANGES:
        body = body.replace(before, now)
    return body
