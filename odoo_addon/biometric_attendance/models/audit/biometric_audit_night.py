"""The nightly entry: heads of all lanes together, digests of the day's punches, protection.

It puts what lies outside the trail under the trail's own witnesses: what the night has written, no
later change of a lane, a punch or a trigger can contradict unseen. Also starts the nightly
verification and mails the head to auditors. Must not verify.
"""

import hashlib
import json

from odoo import api, models
from odoo.tools import SQL, email_split

from ...verifier.trail import check_night

# Ids of one digest: a purge states anew no more than it has to.
RANGE = 100_000
# A transaction with a lower id may still be open; Odoo ends none later than this.
SETTLED = "1 hour"
# What a company's first night follows.
NO_NIGHT = {"lanes": {}, "punches": [], "last": 0, "newest": {}}
# Nights read at once: each names all lanes.
PAGE = 30


class BiometricAuditNight(models.AbstractModel):
    _name = "biometric.audit.night"
    _description = "Nightly audit heads"

    @api.model
    def _cron_night(self):
        """Once a night for every company that has or had an agent or a terminal, in turns: one that
        lives on files, or whose agents are archived, has punches all the same."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT company_id FROM biometric_agent UNION SELECT company_id FROM biometric_device "
            "ORDER BY company_id"
        )
        companies = self.env["res.company"].browse(row[0] for row in self.env.cr.fetchall())
        aside = self.env["biometric.job"]._aside("night", "res.company")
        aside.round(companies, self._night, is_planned=True)
        self.env.ref("biometric_attendance.ir_cron_biometric_verify")._trigger()

    @api.model
    def _night(self, company, settled=SETTLED):
        """Write, seal and mail the entry of one company and begin its verification."""
        audit = self.env["biometric.audit"]
        newest = self._last_night(company)["newest"]
        rows, newest = self.env["biometric.witnessed.rows"]._tonight(company, newest)
        after = {
            "rows": rows,
            "newest": newest,
            "lanes": self._lanes(company),
            "punches": self._punches(company, settled),
            "protection": {
                row["table"]: row["owner"] for row in self.env["biometric.evidence"]._protection()
            },
        }
        audit._record("audit.night", company, None, after, company=company)
        while audit._seal(1000):
            pass
        self._mail(company)
        return self.env["biometric.audit.check"]._begin_night(company)

    @api.model
    def _said(self, company):
        """What each night of a company said, oldest first; one of a form that nothing expects was
        forged, and is the verifier's finding."""

        def page(last):
            return SQL(
                """SELECT id, after FROM biometric_audit WHERE company_id = %s AND id > %s
                      AND action = 'audit.night' ORDER BY id LIMIT %s""",
                company.id,
                last,
                PAGE,
            )

        pages = self.env["biometric.evidence"]._pages
        for row in pages(page, 0, lambda row: row["id"], PAGE):
            try:
                night = json.loads(row["after"])
                check_night(night)
            except (AttributeError, KeyError, TypeError, ValueError):
                continue
            yield night

    def _last_night(self, company):
        self.env.cr.execute(
            """SELECT after FROM biometric_audit WHERE company_id = %s AND action = 'audit.night'
                ORDER BY id DESC LIMIT 1""",
            (company.id,),
        )
        row = self.env.cr.fetchone()
        try:
            night = json.loads(row[0]) if row else NO_NIGHT
            check_night(night)
            return {**NO_NIGHT, **night}
        except (AttributeError, KeyError, TypeError, ValueError):
            return NO_NIGHT  # forged: the verifier says so, tonight's entry begins anew

    def _lanes(self, company):
        """{lane id: head, and the numbers since the last night that have no content}."""
        before = self._last_night(company)["lanes"]
        heads = {}
        for lane in self.env["biometric.evidence"]._lanes(company.id):
            since = before.get(str(lane["id"]), {}).get("seq", 0)
            heads[str(lane["id"])] = {
                "lane": lane["lane"],
                "seq": lane["head_seq"],
                "hash": lane["head_hash"],
                "bare": self._bare(lane["id"], since, lane["head_seq"]),
            }
        return heads

    def _bare(self, lane_id, low, high):
        self.env.cr.execute(
            """SELECT s.seq FROM biometric_sighting s
                WHERE s.lane_id = %s AND s.seq > %s AND s.seq <= %s AND s.kind = 'leaf'
                  AND NOT EXISTS (SELECT 1 FROM biometric_sighting f
                       WHERE f.lane_id = s.lane_id AND f.seq = s.seq AND f.kind <> 'leaf')
                ORDER BY s.seq""",
            (lane_id, low, high),
        )
        return self._as_ranges(row[0] for row in self.env.cr.fetchall())

    @staticmethod
    def _as_ranges(numbers):
        """[[first, last], …] of ascending numbers."""
        ranges = []
        for number in numbers:
            if ranges and ranges[-1][1] == number - 1:
                ranges[-1][1] = number
            else:
                ranges.append([number, number])
        return ranges

    def _punches(self, company, settled):
        """Digests of the punches stored since the last night, in ranges of ids."""
        cr = self.env.cr
        told = (said["to"] for night in self._said(company) for said in night["punches"])
        low = max(told, default=-1) + 1
        cr.execute(
            """SELECT COALESCE(max(id), -1) FROM biometric_punch
                WHERE stored_at < (now() AT TIME ZONE 'UTC') - %s::interval""",
            (settled,),
        )
        high = cr.fetchone()[0]
        return [
            {"from": start, "to": end, **self._digest(company.id, start, end)}
            for start in range(low, high + 1, RANGE)
            for end in [min(start + RANGE - 1, high)]
        ]

    @api.model
    def _digest(self, company_id, low, high):
        """{"count", "digest"} of the punches with ids from low to high."""
        self.env.cr.execute(
            """SELECT p.id || '|' || p.key || '|' || p.device_id || '|' || p.wall_date || '|'
                      || p.stored_at FROM biometric_punch p
                WHERE p.company_id = %s AND p.id BETWEEN %s AND %s ORDER BY p.id""",
            (company_id, low, high),
        )
        digest, count = hashlib.sha256(), 0
        for (line,) in self.env.cr.fetchall():
            digest.update(line.encode() + b"\n")
            count += 1
        return {"count": count, "digest": digest.hexdigest()}

    def _mail(self, company):
        addresses = email_split(company.biometric_auditors or "")
        if not addresses:
            return
        seq, digest = self.env["biometric.audit"]._head(company.id)
        line = json.dumps({"company_id": company.id, "seq": seq, "hash": digest})
        self.env["mail.mail"].create(
            {
                "subject": self.env._(
                    "Audit trail of %(company)s: entry %(seq)s", company=company.name, seq=seq
                ),
                "email_to": ", ".join(addresses),
                "body_html": f"<p>{self.env._('Keep this mail. It proves what the trail held.')}"
                f"</p><pre>{line}</pre>",
                "auto_delete": False,
            }
        )
