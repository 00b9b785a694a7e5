"""Health of every branch of every tenant, for the provider: from the same rows as the alerts.

Counts and instants alone. No person, no PIN, no punch is read here: the view has no column of
theirs, and the provider's staff has no right to what lies behind it. Must not know how an alert is
found.
"""

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.biometric_attendance.models.agent.biometric_agent import SILENT_SECONDS

# A branch that nobody heard for so long wants a call, whatever else there is.
CALL_AFTER_HOURS = 1
# A trial without a paired agent so many days after signing up wants one as well.
STUCK_DAYS = 2
REQUEST_DAYS = 30
# Tables that grow with what people do.
GROWING = ("biometric.punch", "biometric.sighting", "biometric.audit", "biometric.day")
HEALTH = [
    ("clone", "Two machines, one token"),
    ("silent", "Not responding"),
    ("trouble", "Open"),
    ("new", "Not paired"),
    ("revoked", "Revoked"),
    ("well", "Healthy"),
]
_BRANCHES = """
SELECT a.id, t.id AS tenant_id, t.provider_id, t.state AS tenant_state, a.name,
       a.last_seen_at, a.agent_version, COALESCE(i.open_count, 0) AS incident_count,
       i.oldest_at AS incident_since, COALESCE(d.active_count, 0) AS device_count,
       a.queue_pending AS waiting_count,
       CASE WHEN a.state IN ('new', 'waiting') THEN 'new'
            WHEN a.state = 'revoked' THEN 'revoked'
            WHEN c.agent_id IS NOT NULL THEN 'clone'
            WHEN a.last_seen_at IS NULL OR a.last_seen_at < %(heard)s THEN 'silent'
            WHEN COALESCE(i.open_count, 0) > 0 THEN 'trouble'
            ELSE 'well' END AS health
  FROM biometric_agent a
  JOIN biometric_service_tenant t ON t.company_id = a.company_id
  LEFT JOIN (SELECT agent_id, count(*) AS open_count, min(opened_at) AS oldest_at
               FROM biometric_incident
              WHERE closed_at IS NULL AND agent_id IS NOT NULL GROUP BY agent_id) i
    ON i.agent_id = a.id
  LEFT JOIN (SELECT agent_id, count(*) AS active_count FROM biometric_device
              WHERE state = 'active' AND active GROUP BY agent_id) d ON d.agent_id = a.id
  LEFT JOIN (SELECT DISTINCT agent_id FROM biometric_alarm
              WHERE kind = 'clone' AND closed_at IS NULL) c ON c.agent_id = a.id
 WHERE a.active
"""


class BiometricServiceBranch(models.Model):
    _name = "biometric.service.branch"
    _description = "Branches of tenants"
    _auto = False
    _log_access = False
    _order = "tenant_id, name, id"

    tenant_id = fields.Many2one("biometric.service.tenant", readonly=True)
    provider_id = fields.Many2one("res.company", readonly=True)
    tenant_state = fields.Char("Tenant state", readonly=True)
    name = fields.Char("Branch", readonly=True)
    health = fields.Selection(HEALTH, readonly=True)
    last_seen_at = fields.Datetime("Last contact", readonly=True)
    agent_version = fields.Char("Version", readonly=True)
    device_count = fields.Integer("Terminals", readonly=True)
    waiting_count = fields.Integer("Undelivered at last contact", readonly=True)
    incident_count = fields.Integer("Open incidents", readonly=True)
    incident_since = fields.Datetime("Since", readonly=True)

    @property
    def _table_query(self):
        names = ("biometric.agent", "biometric.incident", "biometric.device", "biometric.alarm")
        for name in names:
            self.env[name].flush_model()
        heard = fields.Datetime.subtract(fields.Datetime.now(), seconds=SILENT_SECONDS)
        return SQL(_BRANCHES, heard=heard)


class BiometricServiceTenant(models.Model):
    _inherit = "biometric.service.tenant"

    branch_count = fields.Integer("Branches", compute="_compute_health")
    unwell_count = fields.Integer("Needs attention", compute="_compute_health")
    call_reason = fields.Char("Why call today", compute="_compute_health")
    wants_call = fields.Boolean("Call today", compute="_compute_health", search="_search_call")
    # Counted by the nightly job: what the tenant costs the provider.
    row_count = fields.Float("Records kept", digits=(20, 0), readonly=True)
    disk_bytes = fields.Float("Bytes kept", digits=(20, 0), readonly=True)
    request_count = fields.Float("Requests in 30 days", digits=(20, 0), readonly=True)
    used_counted_on = fields.Date("Counted", readonly=True)

    @api.depends_context("lang", "tz")
    def _compute_health(self):
        branches = self.env["biometric.service.branch"].sudo()
        rows = branches.search_fetch(
            [("tenant_id", "in", self.ids)],
            ["tenant_id", "health", "last_seen_at"],
            limit=100_000,
        )
        of = rows.grouped("tenant_id")
        for tenant in self:
            own = of.get(tenant.sudo(), branches)
            tenant.branch_count = len(own)
            tenant.unwell_count = len(own.filtered(lambda row: row.health != "well"))
            tenant.call_reason = tenant._why_call(own)
            tenant.wants_call = bool(tenant.call_reason)

    def _why_call(self, branches):
        """Why somebody calls this tenant today, or False."""
        now, today = fields.Datetime.now(), self.sudo()._today()
        before = fields.Datetime.subtract(now, hours=CALL_AFTER_HOURS)
        silent = branches.filtered(
            lambda row: row.health == "silent" and (row.last_seen_at or now) < before
        )
        clones = branches.filtered(lambda row: row.health == "clone")
        if clones:
            return self.env._("Branches with two machines on one token: %s", len(clones))
        if silent:
            return self.env._("Branches without contact for more than one hour: %s", len(silent))
        if self.state == "past_due":
            return self.env._("an invoice is overdue")
        paired = branches.filtered(lambda row: row.health not in ("new", "revoked"))
        if self.state == "trial" and not paired and (today - self.signed_up_on).days >= STUCK_DAYS:
            return self.env._("signed up, and no agent is paired")
        return False

    @api.model
    def _search_call(self, operator, value):
        if operator != "in":
            return NotImplemented
        live = self.search([("state", "not in", ("deleted",))], limit=100_000)
        wanted = live.filtered(lambda one: one.wants_call in value)
        return [("id", "in", wanted.ids)]

    def action_open_branches(self):
        self.ensure_one()
        self.check_access("read")
        self.env["biometric.service.branch"].check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance_service.branch_action"
        )
        return {**action, "domain": [("tenant_id", "=", self.id)], "context": {}}

    # ------------------------------------------------------------------ what a tenant costs

    @api.model
    def _cron_cost(self):
        """Nightly: rows of each tenant in the ledgers, their part of the tables' bytes, and how
        often it asked."""
        totals = {}
        asked = self.env["biometric.service.traffic"]._totals(REQUEST_DAYS)
        for name in GROWING:
            counts, size = self._counted_rows(self.env[name]._table)
            for company, count in counts.items():
                rows, disk = totals.get(company, (0, 0.0))
                totals[company] = (rows + count, disk + count * size)
        for tenant in self.search([("company_id", "!=", False)], limit=100_000):
            rows, disk = totals.get(tenant.company_id.id, (0, 0.0))
            tenant.write(
                {
                    "row_count": rows,
                    "disk_bytes": disk,
                    "request_count": asked.get(tenant.company_id.id, 0),
                    "used_counted_on": fields.Date.context_today(tenant),
                }
            )

    def _counted_rows(self, table):
        """(`{company id: rows}`, bytes a row takes with its indexes), in one walk of the table."""
        cr = self.env.cr
        cr.execute(SQL("SELECT company_id, count(*) FROM %s GROUP BY 1", SQL.identifier(table)))
        counts = dict(cr.fetchall())
        cr.execute(SQL("SELECT pg_total_relation_size(%s)", table))
        return counts, cr.fetchone()[0] / max(1, sum(counts.values()))
