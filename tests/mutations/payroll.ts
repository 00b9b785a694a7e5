/**
 * Hostile changes to payroll: what blocks a period, who lets it pass, whom a file pays and once, what a
 * payroll program is refused, where files go.
 */
import type { RoomMutations } from "../../dev/mutation.ts";

const list: RoomMutations = {
  unittest: "tests/engine",
  unittestFiles: "test_format*.py",
  odoo: [
    "TestPeriod",
    "TestPeriodKnown",
    "TestPeriodPeople",
    "TestExport",
    "TestPayrollProgram",
    "TestPayrollReports",
    "TestDelivery",
  ].map((name) => `/biometric_attendance:${name}`).join(","),
  mutations: [
    {
      says: "a period is exported a second time",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_period.py",
      from: '        if self.state == "exported":\n            raise',
      to: "        if False:\n            raise",
    },
    {
      says: "a period that is not over is closed",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_period.py",
      from: "if self.date_to >= self.company_id._biometric_today():",
      to: "if False:",
    },
    {
      says: "days are not computed once more before they are locked",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_period.py",
      from: "self._gate(deep=True)",
      to: "self._gate()",
    },
    {
      says: "one person lets a period pass",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_period_override.py",
      from: "        if not self.override_confirmed_by_id:\n            return []",
      to: "        if not self.override_asked_by_id:\n            return []",
    },
    {
      says: "whoever acts as somebody else is the second person",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_period_override.py",
      from: 'if asker.id in {self.env.uid, self.env["biometric.audit"]._real_uid()}:',
      to: "if asker.id == self.env.uid:",
    },
    {
      says: "whom it is about lets it pass",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_period_override.py",
      from: "                subjects=self._override_people(),",
      to: "                subjects=set(),",
    },
    {
      says: "another name replaces that of whoever confirmed",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_period_override.py",
      from: "if not asker or self.override_confirmed_by_id:",
      to: "if not asker:",
    },
    {
      says: "what is asked anew passes with the confirmation of before",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_period_override.py",
      from: '                "override_confirmed_by_id": False,\n',
      to: "",
    },
    {
      says: "a terminal that came later blocks",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_period_gate.py",
      from: '                ("in_service_from", "<", end),\n',
      to: "",
    },
    {
      says: "a gap after the period blocks",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_period_gate.py",
      from: '                ("window_from", "<", end),\n',
      to: "",
    },
    {
      says: "a gap before the period blocks",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_period_gate.py",
      from: '("window_to", ">", begin)',
      to: '("window_to", "!=", False)',
    },
    {
      says: "a finding that is gone blocks",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_period_gate.py",
      from: '                ("gone_at", "=", False),\n',
      to: "",
    },
    {
      says: "a request that was decided blocks",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_period_gate.py",
      from: "WHERE state = 'submitted' AND employee_id",
      to: "WHERE employee_id",
    },
    {
      says: "a file holds the people of every group",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_export_scope.py",
      from: "        if people is not None:\n",
      to: "        if False:\n",
    },
    {
      says: "two companies cannot use one number",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_payroll_number.py",
      from: 'Domain("company_id", "=", self.company_id.id) & Domain',
      to: "Domain",
    },
    {
      says: "a number holds before its dates",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_payroll_number.py",
      from: "if not row.valid_from or row.valid_from <= day:",
      to: "if True:",
    },
    {
      says: "who left has no number any more",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_payroll_number.py",
      from: " or told.get(employee.id)",
      to: "",
    },
    {
      says: "a correction is told again and again",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_export_day.py",
      from: "WHERE d.state IN ('paid', 'changed')\n                  AND (d.date",
      to: "WHERE d.state IN ('paid')\n                  AND (d.date",
    },
    {
      says: "an archived target gets what waits",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_delivery_target.py",
      from: "one.active and one.usable_at",
      to: "one.usable_at",
    },
    {
      says: "a delivery is tried without end and nobody is told",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_delivery.py",
      from: "over = self.tries + 1 >= TRIES",
      to: "over = False",
    },
    {
      says: "a changed address is used at once",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_delivery_target.py",
      from: '    "url",\n    "host",',
      to: '    "host",',
    },
    {
      says: "a changed folder is used at once",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_delivery_target.py",
      from: '    "folder",\n    "url",',
      to: '    "url",',
    },
    {
      says: "another way is used at once",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_delivery_target.py",
      from: '    "kind",\n    "recipients",',
      to: '    "recipients",',
    },
    {
      says: "half a file stays after a failure",
      file: "odoo_addon/biometric_attendance/seams/delivery_folder.py",
      from: "            os.unlink(beside, dir_fd=here)\n",
      to: "            pass\n",
    },
    {
      says: "the receipt is of our own file",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_delivery.py",
      from: "found.insert(0,",
      to: "found.append(",
    },
    {
      says: "payroll has the proof of days that no file paid",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_day_evidence.py",
      from: '.filtered(lambda one: one.state in ("paid", "changed"))',
      to: "",
    },
    {
      says: "a group is paid by another company's program",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_period_group.py",
      from: "if group.profile_id and group.profile_id.company_id != group.company_id:",
      to: "if False:",
    },
    {
      says: "the night opens what somebody locked",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_period_schedule.py",
      from: '        if self.state != "locked":\n',
      to: "        if True:\n",
    },
    {
      says: "a period closes before the day of its rule sets",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_period_schedule.py",
      from: "if not due or today < due:",
      to: "if not due:",
    },
    {
      says: "a refused file leaves the period locked",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_period_schedule.py",
      from: "            with self.env.cr.savepoint():\n                self._close()",
      to: "            self._close()",
    },
    {
      says: "a period is locked by hand before it is over",
      file: "odoo_addon/biometric_attendance/models/review/biometric_period.py",
      from:
        '            if one.date_to >= one.company_id._biometric_today():\n                raise UserError(self.env._("%s has not ended yet.", one.display_name))\n',
      to: "",
    },
    {
      says: "regular hours cost as overtime",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_payroll_figure.py",
      from: "WHEN r.pay_class = ANY(%(overtime)s)\n                THEN round",
      to: "WHEN TRUE\n                THEN round",
    },
    {
      says: "the period before is another group's",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_payroll_figure.py",
      from: "PARTITION BY p.group_id ORDER",
      to: "ORDER",
    },
    {
      says: "what changed of somebody who moved is lost",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_period.py",
      from: "GREATEST(LEAST(%(first)s::date, held.date), %(oldest)s)",
      to: "GREATEST(%(first)s::date, %(oldest)s)",
    },
    {
      says: "days of before there were pay groups are told",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_period.py",
      from: "                  AND e.period_id IS NOT NULL\n",
      to: "",
    },
    {
      says: "a new target stops every delivery",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_export.py",
      from: "        if not usable:\n            targets._check_usable()",
      to: "        targets._check_usable()",
    },
    {
      says: "a code that a statement owes is not missed",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_period_gate.py",
      from: "self._told_beside(people) if profile else ()",
      to: "()",
    },
    {
      says: "DATEV takes the personnel number 0",
      file: "odoo_addon/biometric_attendance/engine/format_datev.py",
      from: 'NUMBER = r"0*[1-9]\\d{0,4}"',
      to: 'NUMBER = r"\\d{1,5}"',
    },
    {
      says: "Gusto gets a column below zero beside one above",
      file: "odoo_addon/biometric_attendance/engine/format_american.py",
      from: "if min(_gusto_minutes(total)) < 0",
      to: "if sum(_gusto_minutes(total)) < 0",
    },
    {
      says: "two people of Workforce Now share a number",
      file: "odoo_addon/biometric_attendance/engine/format_adp.py",
      from:
        '    unique("ref", [(total.reference, _whose(total)) for total in totals], "they share a number")\n',
      to: "",
    },
    {
      says: "Exo's column holds fewer hours",
      file: "odoo_addon/biometric_attendance/engine/format_world.py",
      from:
        '    within("hours", [(staff, minutes) for staff, _kind, minutes, *_rest in told], "99999.99")\n',
      to: "",
    },
    {
      says: "Exo's cost centre is no number",
      file: "odoo_addon/biometric_attendance/engine/format_world.py",
      from:
        '            matching("cost_center", cost_center, r"\\d{1,12}", "a cost centre has 1 to 12 digits")\n',
      to: "            pass\n",
    },
    {
      says: "Exo's type is a word",
      file: "odoo_addon/biometric_attendance/engine/format_world.py",
      from:
        '        matching("type", kind, r"[A-Z]", "a type is one letter: W wages, A allowance")\n',
      to: "",
    },
    {
      says: "a last name is too long for AccountRight",
      file: "odoo_addon/biometric_attendance/engine/format_world.py",
      from: '("last", 30,',
      to: '("last", 300,',
    },
    {
      says: "a first name is too long for AccountRight",
      file: "odoo_addon/biometric_attendance/engine/format_world.py",
      from: '("first", 20,',
      to: '("first", 200,',
    },
    {
      says: "the company's name is too long for QuickBooks",
      file: "odoo_addon/biometric_attendance/engine/format_american.py",
      from: '    limited("company", header[0], 100, "the company\'s name in QuickBooks")\n',
      to: "",
    },
    {
      says: "the creation time is too long for QuickBooks",
      file: "odoo_addon/biometric_attendance/engine/format_american.py",
      from:
        '    limited("created", header[1], 100, "the time of creation that QuickBooks exports")\n',
      to: "",
    },
    {
      says: "a payroll item is too long for QuickBooks",
      file: "odoo_addon/biometric_attendance/engine/format_american.py",
      from: '        limited("item", payroll_item, 100, "payroll item")\n',
      to: "",
    },
    {
      says: "an id is too long for RUN",
      file: "odoo_addon/biometric_attendance/engine/format_adp.py",
      from:
        '    people_matching("ref", numbers, RUN_NUMBER, "an employee ID has 1 to 20 characters")\n',
      to: "",
    },
    {
      says: "an earnings code is too long for RUN",
      file: "odoo_addon/biometric_attendance/engine/format_adp.py",
      from: '            limited("code", code, 10, "Earnings Code")\n',
      to: "",
    },
    {
      says: "an earnings rate of Xero is missing",
      file: "odoo_addon/biometric_attendance/engine/format_world.py",
      from:
        '        "rate", [who for who, *_rest, rate in told if not rate], "an earnings rate is missing"',
      to: '        "rate", [], "an earnings rate is missing"',
    },
    {
      says: "Exo's file is laid into another folder",
      file: "odoo_addon/biometric_attendance/engine/format_world.py",
      from: 'matching("company", company, r"[\\w-]{1,40}"',
      to: 'matching("company", company, r".*"',
    },
    {
      says: "a component ends with a blank",
      file: "odoo_addon/biometric_attendance/engine/format_american.py",
      from: '        if "," in component or component != component.strip():',
      to: '        if "," in component:',
    },
    {
      says: "what begins like a number is one",
      file: "odoo_addon/biometric_attendance/engine/format_cells.py",
      from: "    if not re.fullmatch(pattern, text, re.ASCII):",
      to: "    if not re.match(pattern, text, re.ASCII):",
    },
  ],
  equivalents: [
    {
      says: "what another company's file holds is payable",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_export_make.py",
      from: "        payable -= held\n",
      to: "",
      why: "what other companies' files hold is taken out again of whole days and of differences",
    },
  ],
};

export default list;
