"""The words of the monthly record on paper: titles, remarks, what is certified, heads of columns.

Owns words alone, by the keys that month_layouts.py uses. Must not know what stands in a column.
"""

from odoo import api


class MonthWords:
    """Of the monthly record's report. Mixed into its one class."""

    __slots__ = ()

    @api.model
    def _titles(self):
        _ = self.env._
        return {
            "plain": _("Monthly record"),
            "cs_form_48": _("Civil Service Form No. 48 – Daily Time Record"),
            "eu_register": _("Register of working time"),
            "es_part_time": _("Monthly summary of part-time hours"),
            "us_time_card": _("Time card"),
            "remark_zone": _("Times in the employee's time zone; +1: on the following date."),
            "remark_mark": _("* corrected; see Corrections."),
            "remark_pauses": _(
                "Pauses are the punched breaks between two work periods; Pause is the "
                "time deducted, including what the rules deduct."
            ),
            "remark_part_time": _(
                "Ordinary: agreed hours. Complementary: all hours beyond them, including "
                "those waiting for approval or not paid by the rules."
            ),
            "remark_not_counted": _(
                "Not paid: worked beyond the hours due, waiting for approval or below "
                "what the rules pay as overtime."
            ),
            "remark_decimals": _("Hours in decimals."),
            "remark_hours_official": _(
                "Undertime compared with the official hours of the schedule."
            ),
            "certify_cs_form_48": _(
                "I certify on my honor that the above is a true and correct report of the hours of "
                "work performed, record of which was made daily at the time of arrival at and "
                "departure from office. Verified as to the prescribed office hours."
            ),
            "certify_us_time_card": _(
                "I certify that these hours are a true and complete record of all time worked."
            ),
        }

    @api.model
    def _words(self):
        _ = self.env._
        return {
            "date": _("Date"),
            "day": _("Day"),
            "status": _("Status"),
            "in": _("In"),
            "out": _("Out"),
            "am_in": _("A.M. arrival"),
            "am_out": _("A.M. departure"),
            "pm_in": _("P.M. arrival"),
            "pm_out": _("P.M. departure"),
            "under_hours": _("Undertime hours"),
            "under_minutes": _("Undertime min."),
            "mark": "",
            "spans": _("In – out"),
            "pauses": _("Pauses"),
            "pause": _("Pause"),
            "due": _("Due"),
            "worked": _("Worked"),
            "worked_decimal": _("Total"),
            "ordinary": _("Ordinary"),
            "regular": _("Regular"),
            "overtime": _("Overtime"),
            "doubletime": _("Double time"),
            "complementary": _("Complementary"),
            "not_counted": _("Not paid"),
            "not_counted_decimal": _("Not paid"),
            "leave": _("Leave"),
            "under": _("Undertime"),
            "over": _("Overtime"),
            "night": _("Night"),
            "findings": _("Exceptions"),
            "employee": _("Employee, date"),
            "supervisor": _("Supervisor, date"),
            "in_charge": _("In charge, date"),
            "employer": _("Employer, date"),
        }
