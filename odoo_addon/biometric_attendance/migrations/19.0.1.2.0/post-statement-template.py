"""To 19.0.1.2.0: the mailed statement of completeness says from when a branch was in service.

The template belongs to its users once it is there (noupdate), so a database that is upgraded keeps
the words of its first day. Where they are still ours they become those of today; a template that
somebody changed stays as it is.
"""

import hashlib
import json

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
    cr.execute(
        """SELECT t.id, t.body_html FROM mail_template t JOIN ir_model_data d ON d.res_id = t.id
            WHERE d.module = 'biometric_attendance' AND d.name = 'mail_template_statement'
              AND d.model = 'mail.template'"""
    )
    for template_id, bodies in cr.fetchall():
        words = {language: _today(body) for language, body in (bodies or {}).items()}
        if words != bodies:
            cr.execute(
                "UPDATE mail_template SET body_html = %s WHERE id = %s",
                (json.dumps(words), template_id),
            )


def _today(body):
    text = " ".join((body or "").split())
    if hashlib.sha256(text.encode()).hexdigest() != FORMER:
        return body
    return body.replace("<ul>", f"<ul>\n        {NOT_IN_SERVICE}", 1).replace(
        ">clocks within ", ">clocks of these days within ", 1
    )
