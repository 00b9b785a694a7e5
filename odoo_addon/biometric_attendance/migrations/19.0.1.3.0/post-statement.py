"""To 19.0.1.3.0: the weekly statement goes out on the company's day and hour, names the company and
says what to do.

Job and template belong to their users once they are there (noupdate). The job looks every hour from
now on; where the template's words are still ours they become those of today, a template that
somebody changed stays as it is. No branch is mailed anew because of the upgrade.
"""

from odoo import SUPERUSER_ID, api

HEAD = '<p><strong t-out="object.name"/>, <t'
HEAD_NOW = '<p><t t-out="said[\'company\']"/>, <strong t-out="object.name"/>, <t'
TO_DO = (
    "<t t-if=\"said['to_do']\"><p><strong>What to do</strong></p>"
    '<ul><li t-foreach="said[\'to_do\']" t-as="step" t-out="step"/></ul></t>'
    '<p t-else="">Nothing to do.</p>'
)
SUBJECT = "}}: {{ object.name }}, {{ object"
SUBJECT_NOW = "}}: {{ object.company_id.name }}, {{ object.name }}, {{ object"


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    cron = env.ref("biometric_attendance.ir_cron_biometric_statement", raise_if_not_found=False)
    if cron and cron.interval_type == "weeks":
        cron.write({"interval_number": 1, "interval_type": "hours"})
    template = env.ref("biometric_attendance.mail_template_statement", raise_if_not_found=False)
    if not template:
        return
    languages = [code for code, _name in env["res.lang"].get_installed() if code != "en_US"]
    for language in ["en_US", *languages]:
        spoken = template.with_context(lang=language)
        body, subject = str(spoken.body_html or ""), spoken.subject or ""
        if "to_do" in body or HEAD not in body or "<ul>" not in body or SUBJECT not in subject:
            continue
        words = body.replace(HEAD, HEAD_NOW, 1).replace("<ul>", f"{TO_DO}\n    <ul>", 1)
        spoken.write({"body_html": words, "subject": subject.replace(SUBJECT, SUBJECT_NOW, 1)})
