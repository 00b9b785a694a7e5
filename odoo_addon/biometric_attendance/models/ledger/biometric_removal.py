"""How content leaves the ledgers so that they still verify: punches, sightings, audit entries.

A sighting becomes a bare leaf, an audit entry loses its personal columns and their salt, a purged
beginning of a lane becomes a checkpoint; the register that comes back belongs into an audit entry.
Refuses while findings are open: removing would wash a trace away. Must not know who asked.
"""

import json
from datetime import date

from odoo import api, models
from odoo.exceptions import UserError

from ...verifier.trail import LEARNED

# Entries whose content is proof for other checks (which key an agent has, what was counted) and
# says nothing of a person. What an upload brought is kept in the register instead.
PROOFS = frozenset(LEARNED) - {"file.upload"}
# Punches of one piece of a purge, in one transaction.
PIECE = 5000
_BARE = """
UPDATE biometric_sighting
   SET kind = 'leaf', punch_id = NULL, device_id = NULL, reason = NULL, raw = NULL, verify = NULL,
       work_code = NULL, extra = NULL, channel = NULL, received_at = NULL, clock = NULL,
       skew_seconds = NULL, salt = NULL
 WHERE id = ANY(%s)
"""


class BiometricRemoval(models.AbstractModel):
    _name = "biometric.removal"
    _description = "Removal from the ledgers"

    @api.model
    def _is_clean(self, company):
        return not self.env["biometric.audit.finding"].search_count(
            [("company_id", "=", company.id), ("explained_at", "=", False)], limit=1
        )

    @api.model
    def _check_clean(self, company):
        if not self._is_clean(company):
            raise UserError(
                self.env._(
                    "%s has open verification findings. Explain them before removing.",
                    company.name,
                )
            )

    @api.model
    def _new_register(self):
        return {
            "lanes": {},
            "restated": {},
            "restated_rows": {},
            "checkpoints": {},
            "actors": [],
            "contents": [],
            "erased_keys": {},
            "gone": {},
            "carried": {},
            "carriers": {},
        }

    @api.model
    def _door(self, state):
        """Open ('on') or close ('off') the ledgers for this transaction."""
        self.env.cr.execute("SELECT set_config('biometric.allow_change', %s, true)", (state,))

    # ------------------------------------------------------------------ punches and sightings

    @api.model
    def _remove_punches(self, company, punch_ids, register):
        """Take punches out with their sightings and decisions. Adds to `register`."""
        if not punch_ids:
            return
        cr = self.env.cr
        cr.execute("SELECT key FROM biometric_punch WHERE id = ANY(%s)", (punch_ids,))
        keys = [key for (key,) in cr.fetchall()]
        register["erased_keys"] |= self.env["biometric.erased.key"]._remember(company, keys)
        cr.execute("SELECT id FROM biometric_sighting WHERE punch_id = ANY(%s)", (punch_ids,))
        sightings = [row[0] for row in cr.fetchall()]
        self._door("on")
        self._drop_decisions("punch_id = ANY(%s)", (punch_ids,), register)
        self._drop_flags(company, punch_ids, register)
        self._drop_about_punches(punch_ids, register)
        self._bare(sightings, register)
        self._door("on")
        cr.execute("DELETE FROM biometric_punch WHERE id = ANY(%s)", (punch_ids,))
        self._door("off")
        self._restate(company, punch_ids, register)
        self.env.invalidate_all()

    @api.model
    def _bare(self, sighting_ids, register):
        """Sightings become bare leaves; where the number has one already, the full row goes."""
        cr = self.env.cr
        cr.execute(
            """SELECT s.id, s.lane_id, s.seq, EXISTS (SELECT 1 FROM biometric_sighting b
                       WHERE b.lane_id = s.lane_id AND b.seq = s.seq AND b.kind = 'leaf')
                 FROM biometric_sighting s WHERE s.id = ANY(%s) ORDER BY s.lane_id, s.seq""",
            (sighting_ids,),
        )
        lanes, doubled = {}, []
        for sighting_id, lane_id, seq, has_leaf in cr.fetchall():
            lanes.setdefault(str(lane_id), []).append(seq)
            if has_leaf:
                doubled.append(sighting_id)
        self._door("on")
        self._drop_decisions("sighting_id = ANY(%s)", (sighting_ids,), register)
        cr.execute("DELETE FROM biometric_sighting WHERE id = ANY(%s)", (doubled,))
        cr.execute(_BARE, (list(set(sighting_ids) - set(doubled)),))
        self._door("off")
        as_ranges = self.env["biometric.audit.night"]._as_ranges
        for lane, numbers in lanes.items():
            register["lanes"].setdefault(lane, []).extend(as_ranges(numbers))

    def _drop_decisions(self, condition, parameters, register):
        """Decisions go with what they decided about; the register says which. The door is open."""
        self.env.cr.execute(
            f"DELETE FROM biometric_decision WHERE {condition} RETURNING id", parameters
        )
        self._note_gone("biometric.decision", [row[0] for row in self.env.cr.fetchall()], register)

    @api.model
    def _drop_about_punches(self, punch_ids, register):
        """What other rooms keep about punches goes with them, each in its own override. The door
        is open."""

    # ------------------------------------------------------------------ where a person was

    @api.model
    def _companies_about(self, employee):
        """Companies in which something of a person stands: that of now, those at whose terminals
        they have PINs, those whose trail speaks of them. Other rooms add theirs."""
        mappings = self.env["biometric.device.user"].with_context(active_test=False)
        self.env.cr.execute(
            "SELECT DISTINCT company_id FROM biometric_audit WHERE person_id = %s", (employee.id,)
        )
        told = self.env["res.company"].browse([row[0] for row in self.env.cr.fetchall()])
        own = mappings.search([("employee_id", "=", employee.id)])
        return employee.company_id | own.company_id | told

    @api.model
    def _there_since(self, employee, company):
        """Date since when a person was in a company the last time; date.max where a PIN at its
        terminals means them, date.min where nothing says."""
        own = [("employee_id", "=", employee.id), ("company_id", "=", company.id)]
        mapped = self.env["biometric.device.user"].search_count(own, limit=1)
        return date.max if mapped else date.min

    @api.model
    def _moved_away(self, companies):
        """Employees of other companies who were in one of these."""
        own = self.env["biometric.device.user"].search(
            [("company_id", "in", companies.ids), ("employee_id", "!=", False)]
            + [("employee_id.company_id", "not in", companies.ids)]
        )
        return own.employee_id

    # ------------------------------------------------------------------ rows about a person

    @api.model
    def _rows_about(self, employee):
        """Records about a person beside their own, which go or lose their words by themselves."""
        return [
            self.env[name].search([("employee_id", "=", employee.id)])
            for name in ("hr.leave", "hr.leave.allocation")
        ]

    @api.model
    def _forget_rows(self, employee, register):  # noqa: ARG002 - the form of the overrides
        """What other rooms keep of a person by record in the company of `env`: rows that go, words
        that are taken out of rows that stay, each in its own override. {model: [id]} of rows whose
        entries lose their content."""
        return {}

    @api.model
    def _note_gone(self, model, ids, register):
        """Audited rows that end here, by ranges of ids."""
        if ids:
            ranges = self.env["biometric.audit.night"]._as_ranges(sorted(ids))
            register["gone"].setdefault(model, []).extend(ranges)

    @api.model
    def _restate(self, company, punch_ids, register):
        """Digests of the nights that covered removed punches, as they are now."""
        nights = self.env["biometric.audit.night"]
        ranges = {
            (said["from"], said["to"])
            for night in nights._said(company)
            for said in night["punches"]
        }
        for low, high in sorted(ranges):
            if any(low <= punch_id <= high for punch_id in punch_ids):
                said = nights._digest(company.id, low, high)
                register["restated"][str(low)] = [said["count"], said["digest"]]

    def _drop_flags(self, company, punch_ids, register):
        """Flags go with their punch; what the nights said of theirs is said anew. The door is
        open."""
        self.env.cr.execute(
            "DELETE FROM biometric_flag WHERE punch_id = ANY(%s) RETURNING id", (punch_ids,)
        )
        gone = [row[0] for row in self.env.cr.fetchall()]
        again = self.env["biometric.witnessed.rows"]._restated(company, "biometric.flag", gone)
        register["restated_rows"].setdefault("biometric.flag", {}).update(again)

    @api.model
    def _checkpoint(self, company, before, register):
        """Delete the beginning of each lane where nothing but bare leaves and rejects received
        before `before` is left, and remember where it stopped."""
        cr = self.env.cr
        for lane in self.env["biometric.evidence"]._lanes(company.id):
            start = lane["checkpoint_seq"] or 0
            cr.execute(
                """SELECT COALESCE(min(seq), %s) FROM biometric_sighting
                    WHERE lane_id = %s AND (kind = 'punch'
                          OR (kind = 'reject' AND received_at >= %s))""",
                (lane["head_seq"] + 1, lane["id"], before),
            )
            last = min(cr.fetchone()[0] - 1, lane["head_seq"])
            if last <= start:
                continue
            cr.execute(
                "SELECT hash FROM biometric_sighting WHERE lane_id = %s AND seq = %s LIMIT 1",
                (lane["id"], last),
            )
            digest = cr.fetchone()[0]
            self._door("on")
            self._drop_decisions(
                """sighting_id IN (
                       SELECT id FROM biometric_sighting WHERE lane_id = %s AND seq <= %s)""",
                (lane["id"], last),
                register,
            )
            cr.execute(
                "DELETE FROM biometric_sighting WHERE lane_id = %s AND seq <= %s",
                (lane["id"], last),
            )
            self._door("off")
            cr.execute(
                "UPDATE biometric_lane SET checkpoint_seq = %s, checkpoint_hash = %s WHERE id = %s",
                (last, digest, lane["id"]),
            )
            register["checkpoints"][str(lane["id"])] = [last, digest]
        self.env.invalidate_all()

    # ------------------------------------------------------------------ audit entries

    @api.model
    def _blank_entries(self, company, part, condition, parameters, register):
        """Take the personal columns of sealed entries out. part: actor or content."""
        columns = {
            "actor": ("login", "user_name", "address"),
            "content": ("record_name", "before", "after", "reason"),
        }[part]
        blank = ", ".join(f"{name} = NULL" for name in (*columns, f"{part}_salt"))
        if part == "content":
            self._keep_uploads(company, condition, parameters, register)
        self._door("on")
        self.env.cr.execute(
            f"""UPDATE biometric_audit SET {blank}
                 WHERE company_id = %s AND seq IS NOT NULL AND {part}_salt IS NOT NULL
                   AND action NOT IN ('audit.night', 'person.erase', 'retention.purge')
                   AND action NOT IN ('state.begin', 'state.list') AND action NOT LIKE 'settings.%%'
                   AND action NOT IN ('erased_key.take_up', 'lane.take_up')
                   AND NOT (%s = 'content' AND action = ANY(%s))
                   AND ({condition}) RETURNING seq, model, res_id""",
            (company.id, part, list(PROOFS), *parameters),
        )
        blanked = self.env.cr.fetchall()
        numbers = sorted(row[0] for row in blanked)
        self._door("off")
        register[f"{part}s"] += self.env["biometric.audit.night"]._as_ranges(numbers)
        self.env["biometric.audit"].invalidate_model()
        return {(model, res_id) for _seq, model, res_id in blanked}

    def _keep_uploads(self, company, condition, parameters, register):
        """Which numbers an upload brought must still be said when its entry loses its content."""
        self.env.cr.execute(
            f"""SELECT after, user_id FROM biometric_audit WHERE company_id = %s
                   AND action = 'file.upload' AND content_salt IS NOT NULL AND ({condition})""",
            (company.id, *parameters),
        )
        for text, user_id in self.env.cr.fetchall():
            after = json.loads(text or "{}")
            if "lane" in after:
                register["carried"].setdefault(after["lane"], []).extend(after["numbers"])
                register["carriers"][after["lane"]] = user_id

    @api.model
    def _write_register(self, action, company, record, register, facts, reason):
        after = {key: value for key, value in {**register, **facts}.items() if value}
        if not any(after.get("restated_rows", {}).values()):
            after.pop("restated_rows", None)
        self.env["biometric.audit"]._record(
            action, record, None, json.loads(json.dumps(after)), reason, company=company
        )
