"""What the acts and the records of the trail are called, in the reader's language.

Owns names. A new first word of an action, or an act that is no birth, change or end, gets its words
here; a test reads the sources for acts without any. Must not know how a sentence is made.
"""

from odoo import api


class AuditWords:
    """Of biometric.audit: names of acts and records. Mixed into its one class."""

    __slots__ = ()

    @api.model
    def _nouns(self):
        """`{first word of an action: what the record is called}`."""
        _ = self.env._
        return {
            "adjustment": _("correction"),
            "agent": _("agent"),
            "agreement": _("agreement on time accounts"),
            "alarm": _("alarm"),
            "approval": _("approval of a day"),
            "attestation": _("question about a day"),
            "break": _("time outside employment"),
            "certificate": _("certificate of a time account"),
            "choice": _("answer that can be chosen"),
            "commissioning": _("commissioning"),
            "company": _("employing company"),
            "correction": _("correction of a time account"),
            "decision": _("decision about a punch"),
            "delivery_target": _("delivery target"),
            "deputy": _("deputy"),
            "device": _("terminal"),
            "gap": _("gap"),
            "group": _("group of employees"),
            "hearing": _("foreign terminal"),
            "inspection": _("inspection"),
            "level": _("approval level"),
            "mapping": _("PIN"),
            "month": _("month record"),
            "parameter": _("system parameter"),
            "cron": _("scheduled job"),
            "payout": _("payout"),
            "payroll": _("payroll file"),
            "payroll_code": _("payroll code"),
            "payroll_number": _("payroll number"),
            "payroll_profile": _("payroll program"),
            "period": _("pay period"),
            "question": _("question"),
            "reason": _("reason"),
            "release": _("version of the agent"),
            "role": _("role"),
            "roster": _("roster entry"),
            "rule": _("rule set"),
            "settings": _("settings of the company"),
            "shift": _("shift"),
            "support": _("support access"),
            "swap": _("swap of shifts"),
            "zone": _("time zone of a terminal"),
        }

    @api.model
    def _act_words(self):
        """`{action, or "first word.*": sentence}` with `%(who)s`, `%(what)s` and `%(person)s`."""
        return {
            **self._act_words_of_days(),
            **self._act_words_of_machines(),
            **self._act_words_of_all(),
        }

    @api.model
    def _act_words_of_days(self):
        _ = self.env._
        return {
            "adjustment.request": _("%(who)s requested a correction: %(what)s"),
            "adjustment.approve": _("%(who)s approved a correction: %(what)s"),
            "adjustment.approved": _("%(who)s approved a correction: %(what)s"),
            "adjustment.refuse": _("%(who)s refused a correction: %(what)s"),
            "adjustment.refused": _("%(who)s refused a correction: %(what)s"),
            "adjustment.withdraw": _("%(who)s withdrew a request: %(what)s"),
            "adjustment.*": _("%(who)s updated a correction: %(what)s"),
            "approval.approve": _("%(who)s approved a day: %(what)s"),
            "approval.undo": _("%(who)s undid an approval: %(what)s"),
            "approval.*": _("%(who)s decided about a day: %(what)s"),
            "attestation.*": _("%(who)s asked or answered a question about a day: %(what)s"),
            "certificate.create": _("%(who)s issued a certificate of a time account: %(what)s"),
            "decision.release": _("%(who)s released a punch: %(what)s"),
            "decision.discard": _("%(who)s discarded a punch: %(what)s"),
            "decision.count_as": _("%(who)s corrected the time of a punch: %(what)s"),
            "decision.*": _("%(who)s decided about a punch: %(what)s"),
            "gap.accept": _("%(who)s accepted a gap: %(what)s"),
            "month.*": _("%(who)s updated a month record: %(what)s"),
            "inspection.*": _("%(who)s opened or closed the records for an inspection: %(what)s"),
            "link.*": _("%(who)s updated a personal link of %(person)s"),
            "consent.text": _("%(who)s changed the consent text"),
            "consent.*": _("%(who)s recorded the consent of %(person)s"),
            "cto.opening": _("%(who)s imported the opening balance of %(person)s"),
            "cto.close": _("%(who)s closed the time account of %(person)s"),
            "cto.answer": _("%(who)s answered about overtime of %(person)s"),
            "cto.*": _("%(who)s changed the time account of %(person)s"),
            "evidence.write": _("%(who)s exported the evidence of a day: %(what)s"),
            "labour.file": _("%(who)s created a file for the labour office: %(what)s"),
            "payroll.*": _("%(who)s updated the payroll file %(what)s"),
            "period.*": _("%(who)s updated the pay period %(what)s"),
            "received.compare": _("%(who)s compared the totals of the payroll program: %(what)s"),
            "delivery.*": _("%(who)s delivered a payroll file: %(what)s"),
            "payout.*": _("%(who)s updated a payout: %(what)s"),
            "swap.ask": _("%(who)s asked to swap a shift: %(what)s"),
            "swap.agree": _("%(who)s agreed to swap a shift: %(what)s"),
            "swap.approve": _("%(who)s approved a swap of shifts: %(what)s"),
            "swap.reject": _("%(who)s refused a swap of shifts: %(what)s"),
            "swap.expire": _("A swap of shifts expired: %(what)s"),
            "swap.*": _("%(who)s changed a swap of shifts: %(what)s"),
        }

    @api.model
    def _act_words_of_machines(self):
        _ = self.env._
        return {
            "agent.code": _("%(who)s requested a pairing code for the agent %(what)s"),
            "agent.rotate": _("%(who)s gave the agent %(what)s a new secret"),
            "agent.*": _("%(who)s updated the agent %(what)s"),
            "alarm.*": _("%(who)s explained an alarm: %(what)s"),
            "command.pull_window": _("%(who)s requested a new read of %(what)s"),
            "command.push_user": _("%(who)s wrote a user to %(what)s"),
            "command.set_clock": _("%(who)s set the clock of %(what)s"),
            "command.reboot": _("%(who)s restarted %(what)s"),
            "command.clear_log": _("%(who)s cleared the memory of %(what)s"),
            "command.*": _("%(who)s sent a command to %(what)s"),
            "commissioning.create": _("%(who)s started: %(what)s"),
            "commissioning.waive": _("%(who)s waived a check: %(what)s"),
            "commissioning.accepted": _("%(who)s accepted the terminal: %(what)s"),
            "commissioning.*": _("%(who)s continued: %(what)s"),
            "device.comm_key": _("%(who)s set the communication key of the terminal %(what)s"),
            "device.*": _("%(who)s updated the terminal %(what)s"),
            "file.upload": _("%(who)s imported a file: %(what)s"),
            "hearing.*": _("%(who)s decided about a foreign terminal: %(what)s"),
            "lane.take_up": _("Audit trail of a lane started: %(what)s"),
            "erased_key.take_up": _("Audit trail of an erased key started: %(what)s"),
            "punch.import": _("%(who)s imported punches: %(what)s"),
            "release.*": _("%(who)s updated a version of the agent: %(what)s"),
        }

    @api.model
    def _act_words_of_all(self):
        _ = self.env._
        return {
            "audit.night": _("The nightly verification ran"),
            "auditor.look": _("%(who)s viewed as auditor: %(what)s"),
            "company.export": _("%(who)s exported the company"),
            "company.export_verified": _("%(who)s verified an export of the company"),
            "cron.*": _("%(who)s changed the scheduled job %(what)s"),
            "finding.explain": _("%(who)s explained a finding: %(what)s"),
            "notice.sent": _("The daily notice was sent"),
            "parameter.*": _("%(who)s changed the system parameter %(what)s"),
            "person.erase": _("%(who)s erased a person"),
            "person.erase_asked": _("%(who)s requested the erasure of a person"),
            "person.erase_declined": _("%(who)s rejected the erasure of a person"),
            "person.export": _("%(who)s exported what is kept of %(person)s"),
            "person.login": _("%(who)s gave %(person)s another login"),
            "person.*": _("%(who)s updated the record of %(person)s"),
            "retention.*": _("%(who)s changed how long raw punches are kept"),
            "role.change": _("%(who)s changed the roles of %(what)s"),
            "role.companies": _("%(who)s changed the companies of %(what)s"),
            "role.rename": _("%(who)s renamed the role %(what)s"),
            "role.*": _("%(who)s changed the users of a role: %(what)s"),
            "settings.*": _("%(who)s changed the settings of %(what)s"),
            "state.*": _("Existing record added to the audit trail: %(what)s"),
            "support.look": _("%(who)s viewed as support: %(what)s"),
            "support.*": _("%(who)s updated support access: %(what)s"),
            "uninstall.*": _("%(who)s confirmed the removal of the addon"),
        }
