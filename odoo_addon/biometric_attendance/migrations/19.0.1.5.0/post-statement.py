"""To 19.0.1.5.0: the mailed statement of completeness speaks by the clock of its branch, with the
name of the zone, no longer in UTC.

The template belongs to its users once it is there (noupdate). Only the expressions of ours that end
in UTC are changed, in every language; a template that somebody wrote anew stays as it is.
"""

from odoo import SUPERUSER_ID, api


def _said(value):
    return f'<t t-out="{value}"/>'


def _clock(value):
    return f'<t t-out="object._statement_clock({value})"/>'


NOW = " or 'now'"
SINCE, UNTIL = "said['not_in_service']", "said['complete_until']"
FIRST, LAST = "gap.window_from", "gap.window_to"
# What stands there and what shall: instants, then headings. The word between two instants is each
# language's own.
LONE = ((_said(SINCE), _clock(SINCE)), (_said(UNTIL), _clock(UNTIL)))
PAIRS = (
    (_said(FIRST), _clock(FIRST)),
    (_said(LAST + NOW), _clock(LAST).replace('"/>', f'{NOW}"/>')),
    (_said(LAST), _clock(LAST)),
)
CELL = "device.complete_until or "
CELL_NOW = "object._statement_clock(device.complete_until) or "


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
    """The words of before with the branch's clock; as they are where they are not ours."""
    if "_statement_clock" in body or CELL not in body or " (UTC)" not in body:
        return body
    for before, now in (*LONE, *PAIRS):
        body = body.replace(f"{before} UTC", now).replace(before, now)
    return body.replace(CELL, CELL_NOW).replace(" (UTC)", "")
