"""To 19.0.1.2.0: the mailed statement of completeness says from when a branch was in service.

The template belongs to its users once it is there (noupdate), so a database that is upgraded keeps
the words of its first day. Where they are still ours they become those of today; a template that
somebody changed stays as it is.
"""

import hashlib

from odoo import SUPERUSER_ID, api

# Of the words before 19.0.1.1.0, with each run of white space as one blank.
FORMER = "2fb9406e11be765a7289205e594f3a66a94abf98a80e03d929a172aaf852be44"
NOT_IN_SERVICE = (
    "<li t-if=\"said['not_in_service']\">not in service before "
    "<t t-out=\"said['not_in_service']\"/> UTC: of that time nobody can say that "
    "it is complete</li>"
)


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    template = env.ref("biometric_attendance.mail_template_statement", raise_if_not_found=False)
    if not template:
        return
    # The original first: a language without words of its own shows these, and needs no others.
    languages = [code for code, _name in env["res.lang"].get_installed() if code != "en_US"]
    for language in ["en_US", *languages]:
        spoken = template.with_context(lang=language)
        words = _today(str(spoken.body_html or ""))
        if words != str(spoken.body_html or ""):
            spoken.body_html = words


def _today(body):
    text = " ".join(body.split())
    if hashlib.sha256(text.encode()).hexdigest() != FORMER:
        return body
    return body.replace("<ul>", f"<ul>\n        {NOT_IN_SERVICE}", 1).replace(
        ">clocks within ", ">clocks of these days within ", 1
    )
