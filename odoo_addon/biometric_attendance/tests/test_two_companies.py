"""I6, S45: with two companies ticked each sheet and each line says whose it is."""

from odoo.fields import Datetime
from odoo.tests import TransactionCase, new_test_user, tagged

from .common import AddonCase, lay_row

DAY = "2026-03-02"


@tagged("post_install", "-at_install")
class TestTwoCompanies(TransactionCase, AddonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.here = cls.env.company
        cls.here.name = "Upstream"
        cls.other = cls.env["res.company"].create({"name": "Downstream"})
        groups = "base.group_user,biometric_attendance.group_hr_officer"
        cls.officer = new_test_user(cls.env, "officer-of-two", groups=groups)
        cls.officer.company_ids |= cls.other
        for company, name in ((cls.here, "Ana Reyes"), (cls.other, "Ben Cruz")):
            cls.device_of(company)
            person = cls.env["hr.employee"].create({"name": name, "company_id": company.id})
            own = {"employee_id": person.id, "company_id": company.id, "date": DAY}
            lay_row(cls.env["biometric.day"], own | {"status": "present", "worked_minutes": 480})
            # who moved: one day in each
            if company == cls.other:
                cls.mover = person
                lay_row(
                    cls.env["biometric.day"],
                    own | {"company_id": cls.here.id, "date": "2026-03-03", "status": "present"},
                )

    @classmethod
    def device_of(cls, company):
        agent, _token = cls.make_agent(f"Branch of {company.name}", company=company)
        return cls.make_device(agent, f"SN{company.id}")

    def ticked(self, model, *companies):
        ids = [company.id for company in companies]
        return self.env[model].with_user(self.officer).with_context(allowed_company_ids=ids)

    def pages(self, report, *companies):
        """`[(company on the page, everything that stands on it)]`."""
        dates = {"date_from": DAY, "date_to": "2026-03-03"}
        sheet = self.ticked("biometric.sheet", *companies).create(dates)
        name = f"report.biometric_attendance.{report}"
        values = self.ticked(name, *companies)._get_report_values(sheet.ids)
        return [
            (page["head"]["company"], f"{page['head']}{page['parts']}")
            for article in values["articles"]
            for page in article["pages"]
        ]

    def test_s45_a_sheet_holds_one_company(self):
        """S45. Turns red when a month sheet or the compliance report shows people of one company
        under another's name."""
        for report in ("month_sheet", "compliance"):
            pages = self.pages(report, self.here, self.other)
            self.assertEqual({company for company, _text in pages}, {"Upstream", "Downstream"})
            for company, text in pages:
                with self.subTest(report, company=company):
                    self.assertEqual("Ana Reyes" in text and "Downstream" in company, False)
            (alone,) = [text for company, text in pages if company == "Downstream"]
            self.assertIn("Ben Cruz", alone)
            self.assertNotIn("Ana Reyes", alone)
            self.assertEqual(
                {company for company, _text in self.pages(report, self.other)}, {"Downstream"}
            )

    def test_s45_the_board_names_companies(self):
        """S45. Turns red when terminals of two companies stand on the board without saying whose
        they are, or one company's board repeats its name on every line."""
        self.env["biometric.agent"].search([]).last_seen_at = Datetime.now()
        for companies, names in (
            ((self.here, self.other), {"Upstream", "Downstream"}),
            ((self.other,), {""}),
        ):
            board = self.ticked("biometric.device", *companies).get_board_data(
                search=f"SN{self.other.id}" if len(companies) == 1 else "SN"
            )
            self.assertEqual({row["company"] for row in board["devices"]}, names)
            self.assertEqual({row["company"] for row in board["agents"]}, names)
