"""The daily notice: whoever a sealed entry names reads of it the next morning.

The sealer's numbers, not the acts, decide what is told: an entry written whole by SQL in the name
of another is formally right, but its actor and the employee it concerns find it in their mail, and
auditors in a list by actor and kind. One mail a person and day, none where nothing happened. How
far it has got stands in the trail itself (`notice.sent`). Must not know what the acts mean.
"""

import json
from collections import defaultdict
from typing import NamedTuple

from odoo import api, models
from odoo.tools import email_normalize, email_split

from ..mixins.biometric_words import named_moment

# Entries of one kind that a mail lists one by one; the others are counted, with their numbers.
LISTED = 20
# Entries read at once.
PAGE = 5000
# Without an earlier notice, entries older than this are not told any more.
FIRST_NOTICE = "1 day"
# What the system writes every night: in nobody's mail.
NIGHTLY = ("audit.night",)
SENT = "notice.sent"
# What the system and an upgrade write about all that is there: auditors read of it, in their list,
# because whoever owns the database may write it too; the actor of it is no person.
LISTED_ALONE = (SENT, "retention.purge", "state.begin", "state.list")
# A notice of less than this ago settles nothing: what it says was told is told again, so that one
# written by hand swallows no day. The job runs once a day.
SETTLED = "20 hours"


class Told(NamedTuple):
    """What one reader is told of one kind of act: rows as mailed, and of all their numbers."""

    rows: list
    numbers: list  # [count, first, last]


class BiometricNotice(models.AbstractModel):
    _name = "biometric.notice"
    _description = "Daily notice of audit entries"

    @api.model
    def _cron_notice(self):
        """Once a day for each company: who watches is told whatever the company's setting says."""
        aside = self.env["biometric.job"]._aside("notice", "res.company")
        aside.round(self.env["res.company"].search([]), self._notify, is_planned=True)

    @api.model
    def _notify(self, company):
        """Seal, then mail what is new since the last notice. Returns what its entry says."""
        audit = self.env["biometric.audit"]
        while audit._seal(PAGE):
            pass
        first, last = self._since(company), audit._head(company.id)[0]
        told, listed = self._gathered(company, first, last)
        # Its own entry of the last time is no news; two of them are.
        news = any(action != SENT or counts[0] > 1 for (_who, action), counts in listed.items())
        listed = listed if news else {}
        sent, silent = 0, 0
        for reader, kinds in self._by_reader(company, told).items():
            sent, silent = (sent + 1, silent) if reader.address else (sent, silent + 1)
            if reader.address:
                self._mail(company, reader, "daily_notice", kinds)
        auditors = self._mail_auditors(company, listed, silent) if listed else 0
        after = {
            "from": first + 1,
            "to": last,
            "people": sent,
            "without_address": silent,
            "auditors": auditors,
        }
        if told or listed:
            audit._record(SENT, company, None, after, company=company)
        return after

    def _since(self, company):
        """Number of the last entry that was told of, by the newest notice that is settled: sealed
        long enough ago, and of numbers before its own."""
        self.env.cr.execute(
            """SELECT seq, after FROM biometric_audit a
                WHERE company_id = %s AND action = %s AND seq IS NOT NULL
                  AND sealed_at < (now() AT TIME ZONE 'UTC') - %s::interval
                ORDER BY seq DESC""",
            (company.id, SENT, SETTLED),
        )
        for seq, text in self.env.cr.fetchall():
            told = _told_to(text)
            if told is not None and told < seq:
                return told
        self.env.cr.execute(
            """SELECT COALESCE(max(seq), 0) FROM biometric_audit
                WHERE company_id = %s AND seq IS NOT NULL
                  AND happened_at < (now() AT TIME ZONE 'UTC') - %s::interval""",
            (company.id, FIRST_NOTICE),
        )
        return self.env.cr.fetchone()[0]

    # ------------------------------------------------------------------ who is told what

    def _gathered(self, company, first, last):
        """({("user" or "person", id): {action: Told}}, {(actor, action): [count, first, last]})."""
        told, listed = defaultdict(dict), {}
        while first < last:
            rows = self._entries(company, first, min(first + PAGE, last))
            for row in rows:
                self._count(listed, ((row["user_id"], row["user_name"]), row["action"]), row["seq"])
                for reader in self._concerned(company, row):
                    kind = told[reader].setdefault(row["action"], Told([], [0, 0, 0]))
                    if len(kind.rows) < LISTED:
                        kind.rows.append(row)
                    self._count({0: kind.numbers}, 0, row["seq"])
            first = min(first + PAGE, last)
        return told, listed

    def _entries(self, company, low, high):
        self.env.cr.execute(
            """SELECT a.seq, a.happened_at, a.action, a.record_name, a.reason, a.user_id,
                      a.real_user_id, a.user_name, a.person_id, a.self_approved, a.hash,
                      ARRAY(SELECT c.person_id FROM biometric_audit_concern c
                             WHERE c.entry_id = a.id) AS people
                 FROM biometric_audit a
                WHERE a.company_id = %s AND a.seq > %s AND a.seq <= %s AND a.action <> ALL(%s)
                ORDER BY a.seq""",
            (company.id, low, high, list(NIGHTLY)),
        )
        return self.env.cr.dictfetchall()

    @staticmethod
    def _count(counts, key, seq):
        found = counts.setdefault(key, [0, 0, 0])
        found[:] = [found[0] + 1, found[1] or seq, seq]

    @staticmethod
    def _concerned(company, row):
        """Actors, and where the company wants it the employees concerned."""
        alone = row["action"] in LISTED_ALONE or row["action"].endswith(".take_up")
        if alone or company.biometric_notice == "nobody":
            return
        yield from {("user", user) for user in (row["user_id"], row["real_user_id"]) if user}
        if company.biometric_notice == "everybody":
            people = {row["person_id"], *row["people"]} - {None}
            yield from (("person", person) for person in people)

    def _by_reader(self, company, told):
        """{Reader: {action: Told}}; who is both actor and employee is one reader."""
        found = {}
        root = self.env.ref("base.user_root")
        for (kind, number), kinds in told.items():
            reader = self._reader(company, kind, number)
            if reader is None or reader.user == root.id:
                continue
            mine = found.setdefault(reader, {})
            for action, new in kinds.items():
                mine[action] = self._joined(mine[action], new) if action in mine else new
        return found

    @staticmethod
    def _joined(one, other):
        """What a reader is told as actor and as employee; an entry that says both counts once."""
        rows = {row["seq"]: row for row in [*one.rows, *other.rows]}
        ordered = [rows[seq] for seq in sorted(rows)][:LISTED]
        numbers = [
            max(one.numbers[0], other.numbers[0], len(rows)),
            min(one.numbers[1], other.numbers[1]),
            max(one.numbers[2], other.numbers[2]),
        ]
        return Told(ordered, numbers)

    def _reader(self, company, kind, number):
        """Reader of a user's or an employee's number; None where it means nobody any more."""
        if kind == "user":
            user = self.env["res.users"].sudo().browse(number).exists()
            return user and self._reader_of(user) or None
        employees = self.env["hr.employee"].sudo().with_context(active_test=False)
        employee = employees.browse(number).exists()
        if not employee:
            return None
        if employee.user_id:
            return self._reader_of(employee.user_id)
        lang = employee.lang or company.partner_id.lang
        return Reader(0, number, email_normalize(employee.work_email or ""), lang, employee.tz)

    @staticmethod
    def _reader_of(user):
        # Who cannot log in any more is named as any other.
        return Reader(user.id, 0, email_normalize(user.email or ""), user.lang, user.tz)

    # ------------------------------------------------------------------ mails

    def _mail(self, company, reader, template, values):
        """Queue one mail in the reader's language and zone."""
        speaking = self.with_context(lang=reader.lang or "en_US", tz=reader.tz or "UTC")
        lines = speaking._lines(values) if template == "daily_notice" else values
        body = speaking.env["ir.qweb"]._render(
            f"biometric_attendance.{template}", {"company": company.name, "kinds": lines}
        )
        self.env["mail.mail"].sudo().create(
            {
                "subject": speaking.env._("Audit trail entries of %s about you", company.name)
                if template == "daily_notice"
                else speaking.env._("Audit trail of %s: summary of actions", company.name),
                "email_to": reader.address,
                "body_html": body,
                "auto_delete": True,
            }
        )

    def _lines(self, kinds):
        """[{what, rows, more}] for the template, in the words of the context's language."""
        return [
            {
                "what": self._words(action),
                "rows": [
                    row
                    | {"when": named_moment(self.env, row["happened_at"], self.env.context["tz"])}
                    for row in told.rows
                ],
                "more": max(0, told.numbers[0] - len(told.rows)),
                "first": told.numbers[1],
                "last": told.numbers[2],
            }
            for action, told in sorted(kinds.items())
        ]

    def _mail_auditors(self, company, listed, silent):
        """The list by actor and kind, once an address. Returns how many got it."""
        group = self.env.ref("biometric_attendance.group_auditor").sudo()
        readers = {}
        for user in group.all_user_ids.filtered(lambda user: company in user.company_ids):
            reader = self._reader_of(user)
            if user.active and reader.address:
                readers[reader.address] = reader
        for address in email_split(company.biometric_auditors or ""):
            lang, tz = company.partner_id.lang, company.partner_id.tz
            readers.setdefault(address, Reader(0, 0, address, lang, tz))
        for reader in readers.values():
            speaking = self.with_context(lang=reader.lang or "en_US")
            rows = [
                {
                    "who": name or f"#{user}",
                    "what": speaking._words(action),
                    "count": count,
                    "first": first,
                    "last": last,
                }
                for ((user, name), action), (count, first, last) in sorted(
                    listed.items(), key=lambda item: (item[0][0][1] or "", item[0][1])
                )
            ]
            self._mail(company, reader, "daily_notice_auditors", {"rows": rows, "silent": silent})
        return len(readers)

    @api.model
    def _words(self, action):
        """An action as people say it: what it is about, and what was done."""
        about, _dot, step = action.partition(".")
        return f"{self._about_words().get(about, about)}: {self._step_words().get(step, step)}"

    @api.model
    def _about_words(self):
        _ = self.env._
        return {
            "agent": _("Agent"),
            "alarm": _("Alarm"),
            "auditor": _("Auditor"),
            "command": _("Command to a terminal"),
            "company": _("Company"),
            "cron": _("Scheduled action"),
            "device": _("Terminal"),
            "file": _("Imported file"),
            "finding": _("Finding"),
            "gap": _("Gap"),
            "lane": _("Numbered list of punches"),
            "mapping": _("PIN of an employee"),
            "notice": _("Daily notice"),
            "parameter": _("System parameter"),
            "person": _("Employee"),
            "punch": _("Punch"),
            "reject": _("Unreadable line"),
            "role": _("Role"),
            "roster": _("Roster"),
            "rule": _("Rule set"),
            "retention": _("Retention"),
            "settings": _("Settings"),
            "shift": _("Shift"),
            "state": _("What the audit trail compares"),
            "support": _("Support access"),
            "zone": _("Time zone of a terminal"),
        }

    @api.model
    def _step_words(self):
        _ = self.env._
        return {
            "accept": _("accepted"),
            "change": _("changed"),
            "companies": _("companies changed"),
            "begin": _("compared from here on"),
            "comm_key": _("comm key changed"),
            "count_as": _("counted at another time"),
            "create": _("added"),
            "discard": _("discarded"),
            "erase": _("erased"),
            "explain": _("explained"),
            "export": _("exported"),
            "import": _("imported"),
            "login": _("login changed"),
            "list": _("compared with another list"),
            "look": _("looked"),
            "purge": _("deleted under the retention policy"),
            "release": _("released"),
            "remove": _("removed"),
            "rename": _("renamed"),
            "rotate": _("token replaced"),
            "sent": _("sent"),
            "take_up": _("taken over unchanged"),
            "upload": _("imported"),
        }


def _told_to(text):
    """Up to which number a notice says that it told, or None where it was forged."""
    try:
        return int(json.loads(text)["to"])
    except (KeyError, TypeError, ValueError):
        return None


class Reader(NamedTuple):
    """Who gets one mail. user: 0 for an employee without a login; address: "" or False for none."""

    user: int
    person: int
    address: str
    lang: str
    tz: str
