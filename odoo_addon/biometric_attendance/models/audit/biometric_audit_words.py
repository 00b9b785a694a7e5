"""What the acts and the records of the trail are called, in the reader's language.

Owns names. A new first word of an action, or an act that is no birth, change or end, gets its words
here; a test reads the sources for acts without any, and for words of what nothing records. Must not
know how a sentence is made.
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
            "area": _("area"),
            "area_member": _("membership in an area"),
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
        """`{action, or "first word.*": sentence}` with `%(who)s`, `%(what)s` and `%(person)s`. What
        was added, changed, removed or moved between companies is told by the noun alone."""
        return {
            **self._act_words_of_corrections(),
            **self._act_words_of_days(),
            **self._act_words_of_people(),
            **self._act_words_of_machines(),
            **self._act_words_of_all(),
        }

    @api.model
    def _act_words_of_corrections(self):
        _ = self.env._
        return {
            "adjustment.draft": _("%(who)s drafted a correction: %(what)s"),
            "adjustment.amend": _("%(who)s changed the draft of a correction: %(what)s"),
            "adjustment.submit": _("%(who)s requested a correction: %(what)s"),
            "adjustment.pass": _("%(who)s approved, the next level decides: %(what)s"),
            "adjustment.await": _("%(who)s approved, the employee has to agree: %(what)s"),
            "adjustment.approve": _("%(who)s put a correction into effect: %(what)s"),
            "adjustment.reject": _("%(who)s rejected a correction: %(what)s"),
            "adjustment.refused": _("%(who)s was not allowed to decide: %(what)s"),
            "adjustment.withdraw": _("%(who)s withdrew a request: %(what)s"),
            "adjustment.reverse": _("%(who)s reversed a correction: %(what)s"),
            "adjustment.escalate": _("Not decided in time, passed on to the next level: %(what)s"),
            "adjustment.question": _("The terminal reported another punch: %(what)s"),
            "adjustment.agree": _("%(who)s agreed to a correction: %(what)s"),
            "adjustment.dispute": _("%(who)s disputed a correction: %(what)s"),
        }

    @api.model
    def _act_words_of_days(self):
        _ = self.env._
        return {
            "approval.approve": _("%(who)s approved a day: %(what)s"),
            "approval.take_back": _("%(who)s undid an approval: %(what)s"),
            "attestation.asked": _("A question was asked: %(what)s"),
            "attestation.answered": _("%(who)s answered a question: %(what)s"),
            "attestation.not_answered": _("A question was not answered in time: %(what)s"),
            "attestation.change_asked": _("%(who)s requested to change an answer: %(what)s"),
            "attestation.changed": _("%(who)s approved a change of an answer: %(what)s"),
            "attestation.change_refused": _("%(who)s rejected a change of an answer: %(what)s"),
            "month.issue": _("%(who)s printed a month record: %(what)s"),
            "month.certify": _("%(who)s certified a month record: %(what)s"),
            "month.sign": _("%(who)s signed a month record: %(what)s"),
            "month.ask_again": _("A month record has to be signed again: %(what)s"),
            "inspection.issue": _("%(who)s opened the records for an inspection: %(what)s"),
            "inspection.look": _("The inspector viewed the records: %(what)s"),
            "inspection.close": _("%(who)s closed the records of an inspection: %(what)s"),
            "evidence.write": _("%(who)s exported the evidence of a day: %(what)s"),
            "labour.file": _("%(who)s created a file for the labour office: %(what)s"),
            "received.compare": _("%(who)s compared the totals of the payroll program: %(what)s"),
            "punch.release": _("%(who)s released a punch: %(what)s"),
            "punch.discard": _("%(who)s discarded a punch: %(what)s"),
            "punch.count_as": _("%(who)s corrected the time of a punch: %(what)s"),
            "punch.import": _("%(who)s imported punches: %(what)s"),
            "reject.release": _("%(who)s released an unreadable line: %(what)s"),
            "reject.discard": _("%(who)s discarded an unreadable line: %(what)s"),
        }

    @api.model
    def _act_words_of_people(self):
        _ = self.env._
        return {
            "certificate.create": _("%(who)s issued a certificate of a time account: %(what)s"),
            "consent.text": _("%(who)s changed the consent text"),
            "consent.given": _("%(who)s recorded the consent of %(person)s"),
            "consent.withdrawn": _("%(who)s recorded that %(person)s withdrew the consent"),
            "consent.no_biometrics": _("%(who)s recorded that %(person)s chose no biometrics"),
            "cto.opening": _("%(who)s imported the opening balance of %(person)s"),
            "cto.close": _("%(who)s closed the time account of %(person)s"),
            "cto.answer": _("%(who)s answered about overtime of %(person)s"),
            "link.issue": _("%(who)s created a personal link for %(person)s"),
            "link.close": _("%(who)s closed a personal link of %(person)s"),
            "person.erase": _("%(who)s erased a person"),
            "person.erase_asked": _("%(who)s requested the erasure of a person"),
            "person.erase_declined": _("%(who)s rejected the erasure of a person"),
            "person.export": _("%(who)s exported what is kept of %(person)s"),
            "person.login": _("%(who)s gave %(person)s another login"),
            "swap.ask": _("%(who)s asked to swap a shift: %(what)s"),
            "swap.agree": _("%(who)s agreed to swap a shift: %(what)s"),
            "swap.decline": _("%(who)s declined to swap a shift: %(what)s"),
            "swap.withdraw": _("%(who)s withdrew a request to swap a shift: %(what)s"),
            "swap.pass": _("%(who)s passed a swap of shifts on: %(what)s"),
            "swap.approve": _("%(who)s approved a swap of shifts: %(what)s"),
            "swap.reject": _("%(who)s rejected a swap of shifts: %(what)s"),
            "swap.expire": _("A swap of shifts expired: %(what)s"),
        }

    @api.model
    def _act_words_of_machines(self):
        _ = self.env._
        return {
            "agent.code": _("%(who)s requested a pairing code for the agent %(what)s"),
            "agent.rotate": _("%(who)s gave the agent %(what)s a new secret"),
            "alarm.explain": _("%(who)s explained an alarm: %(what)s"),
            "command.pull_window": _("%(who)s requested a new read of %(what)s"),
            "command.push_user": _("%(who)s wrote a user to %(what)s"),
            "command.refresh_users": _("%(who)s requested the users of %(what)s"),
            "command.report": _("%(who)s requested the report of %(what)s"),
            "command.set_clock": _("%(who)s set the clock of %(what)s"),
            "command.reboot": _("%(who)s restarted %(what)s"),
            "command.clear_log": _("%(who)s cleared the memory of %(what)s"),
            # Orders that no button gives and a program may.
            "command.*": _("%(who)s sent a command to %(what)s"),
            "commissioning.create": _("%(who)s started: %(what)s"),
            "commissioning.waive": _("%(who)s waived a check: %(what)s"),
            "commissioning.passed": _("%(who)s accepted the terminal: %(what)s"),
            "commissioning.abandoned": _("%(who)s canceled: %(what)s"),
            "device.comm_key": _("%(who)s set the communication key of the terminal %(what)s"),
            "file.upload": _("%(who)s imported a file: %(what)s"),
            "gap.accept": _("%(who)s accepted a gap: %(what)s"),
            "lane.take_up": _("Audit trail of a lane started: %(what)s"),
            "erased_key.take_up": _("Audit trail of an erased key started: %(what)s"),
            "release.take_in": _("%(who)s imported a version of the agent: %(what)s"),
            "release.choose": _("%(who)s chose agents for a version of the agent: %(what)s"),
            "release.offer": _("%(who)s offered a version of the agent: %(what)s"),
            "release.widen": _("%(who)s offered a version of the agent to more agents: %(what)s"),
            "release.halt": _("%(who)s halted a version of the agent: %(what)s"),
            "release.withdraw": _("%(who)s withdrew a version of the agent: %(what)s"),
        }

    @api.model
    def _act_words_of_all(self):
        _ = self.env._
        return {
            "audit.night": _("The nightly verification ran"),
            "auditor.look": _("%(who)s viewed as auditor: %(what)s"),
            "company.export": _("%(who)s exported the company"),
            "company.export_verified": _("%(who)s verified an export of the company"),
            "finding.explain": _("%(who)s explained a finding: %(what)s"),
            "notice.sent": _("The daily notice was sent"),
            "retention.ask": _("%(who)s requested to keep raw punches for a shorter time"),
            "retention.confirm": _("%(who)s confirmed to keep raw punches for a shorter time"),
            "retention.purge": _("Raw punches past their retention were removed"),
            "role.change": _("%(who)s changed the roles of %(what)s"),
            "role.companies": _("%(who)s changed the companies of %(what)s"),
            "role.rename": _("%(who)s renamed the role %(what)s"),
            "state.begin": _("Existing records added to the audit trail: %(what)s"),
            "state.list": _("List of audited fields recorded: %(what)s"),
            "support.look": _("%(who)s viewed as support: %(what)s"),
            "uninstall.confirm": _("%(who)s confirmed the removal of the addon"),
        }
