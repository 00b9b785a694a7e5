/**
 * Hostile changes to days off: which instants a leave, a holiday and a departure take, and what a file
 * then pays or takes back.
 */
import type { RoomMutations } from "../../dev/mutation.ts";

const list: RoomMutations = {
  odoo: [
    "TestDayOffMinutes",
    "TestDayOffInFiles",
    "TestLeaveOfADate",
    "TestHolidayOfADate",
    "TestDeparture",
    "TestUnpaidLeave",
  ].map((name) => `/biometric_attendance:${name}`).join(","),
  mutations: [
    {
      says: "half a day off takes the whole date",
      file: "odoo_addon/biometric_attendance/models/day/biometric_schedule_absences.py",
      from: "dates = self._whole_dates(span, plan.zone) if half else []",
      to: "dates = []",
    },
    {
      says: "halves are swapped",
      file: "odoo_addon/biometric_attendance/models/day/biometric_schedule_absences.py",
      from: 'early if half == "am" else late',
      to: 'late if half == "am" else early',
    },
    {
      says: "half a day off takes the shift around it",
      file: "odoo_addon/biometric_attendance/models/day/biometric_schedule_absences.py",
      from: "*iv.subtract([span], every), *(early",
      to: "span, *(early",
    },
    {
      says: "hours without times lie all over the date",
      file: "odoo_addon/biometric_attendance/models/day/biometric_schedule_absences.py",
      from: "within = _around_noon(plan, day) or [",
      to: "within = [",
    },
    {
      says: "noon alone makes a holiday of hours without times",
      file: "odoo_addon/biometric_attendance/models/day/biometric_schedule_absences.py",
      from: "due = due or _around_noon(plan, day)",
      to: "due = due",
    },
    {
      says: "hours without times are twice as long",
      file: "odoo_addon/biometric_attendance/models/day/biometric_schedule_absences.py",
      from: "minutes * 30, noon",
      to: "minutes * 60, noon",
    },
    {
      says: "a leave of days is its hours by the schedule",
      file: "odoo_addon/biometric_attendance/models/day/biometric_schedule_absences.py",
      from: "if first is not None:",
      to: "if False:",
    },
    {
      says: "a date off takes the morning after a night",
      file: "odoo_addon/biometric_attendance/models/day/biometric_schedule_absences.py",
      from: "[*iv.subtract([span], iv.merge(outside)), *inside]",
      to: "[span, *inside]",
    },
    {
      says: "a date off takes no shift beyond the schedule",
      file: "odoo_addon/biometric_attendance/models/day/biometric_schedule_absences.py",
      from: "*inside])",
      to: "])",
    },
    {
      says: "the first date of a leave is worked",
      file: "odoo_addon/biometric_attendance/models/day/biometric_schedule_absences.py",
      from: "first <= shift.day <= last",
      to: "first < shift.day <= last",
    },
    {
      says: "the last date of a leave is worked",
      file: "odoo_addon/biometric_attendance/models/day/biometric_schedule_absences.py",
      from: "first <= shift.day <= last",
      to: "first <= shift.day < last",
    },
    {
      says: "unpaid time off is paid",
      file: "odoo_addon/biometric_attendance/models/day/biometric_schedule_absences.py",
      from: "(span, not unpaid, *dates)",
      to: "(span, True, *dates)",
    },
    {
      says: "a holiday of one schedule is everybody's",
      file: "odoo_addon/biometric_attendance/models/day/biometric_schedule_absences.py",
      from: "if calendar_id and (",
      to: "if False and (",
    },
    {
      says: "holidays of the company that was left stay",
      file: "odoo_addon/biometric_attendance/models/day/biometric_schedule_absences.py",
      from: "if plan.company_on(day) != company_id:",
      to: "if False:",
    },
    {
      says: "the company's own midnight makes no date",
      file: "odoo_addon/biometric_attendance/models/day/biometric_schedule_absences.py",
      from: " or self._whole_dates(span, zone)",
      to: "",
    },
    {
      says: "a holiday must cover the shift",
      file: "odoo_addon/biometric_attendance/models/day/biometric_schedule_absences.py",
      from: "if whole or self._covers",
      to: "if self._covers",
    },
    {
      says: "an afternoon off for all is unpaid",
      file: "odoo_addon/biometric_attendance/models/day/biometric_schedule_absences.py",
      from: "Leave(*piece, True)",
      to: "Leave(*piece, False)",
    },
    {
      says: "an afternoon off for all is a holiday",
      file: "odoo_addon/biometric_attendance/models/day/biometric_schedule_absences.py",
      from: "return not iv.subtract(due, [span])",
      to: "return True",
    },
    {
      says: "a leave ends a minute early",
      file: "odoo_addon/biometric_attendance/models/day/biometric_schedule_absences.py",
      from: "-(-epoch(close) // 60) * 60",
      to: "epoch(close) // 60 * 60",
    },
    {
      says: "a departure outlives the return",
      file: "odoo_addon/biometric_attendance/models/day/biometric_schedule.py",
      from: 'if spans and _is_answered(spans[-1]["departure_date"], away):',
      to: "if False:",
    },
    {
      says: "a departure ends no contract with an end",
      file: "odoo_addon/biometric_attendance/models/day/biometric_schedule.py",
      from: 'row["departure_date"] or row["contract_date_end"]',
      to: 'row["contract_date_end"] or row["departure_date"]',
    },
    {
      says: "the end that an earlier version names stands",
      file: "odoo_addon/biometric_attendance/models/day/biometric_schedule.py",
      from: "max(day for day in contracts.values() if day)",
      to: "max(day for day in ends if day)",
    },
    {
      says: "the time away begins with the click",
      file: "odoo_addon/biometric_attendance/models/day/biometric_employment_break.py",
      from: "self._after(employee, employee.departure_date or today)",
      to: "self._after(employee, today)",
    },
    {
      says: "a departure said afterwards is not heard",
      file: "odoo_addon/biometric_attendance/models/day/biometric_employment_break.py",
      from: "if one.date_from != first:",
      to: "if False:",
    },
    {
      says: "what is gone is taken back without its factor",
      file: "odoo_addon/biometric_attendance/models/payroll/biometric_export_difference.py",
      from: "factors = factors | {",
      to: "factors = {",
    },
    {
      says: "days do not hear that a kind of time off became unpaid",
      file: "odoo_addon/biometric_attendance/models/day/biometric_stale_sources.py",
      from: "if changed:",
      to: "if False:",
    },
  ],
};

export default list;
