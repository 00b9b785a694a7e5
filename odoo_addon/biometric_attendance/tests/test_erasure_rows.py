"""Erasure and retention reach what hangs on a punch or a person by record, in every room."""

from datetime import date

from odoo.tests import tagged

from . import test_erasure
from .common import lay_row
from .test_audit_chain import ChainCase

WORDS = "felt dizzy, went to Dr Placeholder"
# Texts of rows about a person that an erasure does not take out, and why: {model: {column: why}}.
STAYS = {
    "biometric.cto.entry": dict.fromkeys(
        ("reason", "note", "authority", "over_reason", "rule_name", "source", "hash")
        + ("previous_hash", "moves"),
        "a ledger whose chain covers them",
    ),
    "biometric.cto.account": {"head_hash": "a digest"},
    "biometric.cto.agreement": {"reference": "which paper"},
    "biometric.cto.certificate": {"name": "which paper"},
    "biometric.day": dict.fromkeys(
        ("exceptions", "rule_name", "shift_reason", "digest", "inputs_digest", "derivation")
        + ("in_place", "out_place"),
        "how minutes came about, without names",
    ),
    "biometric.afd.line": {"chain": "a digest"},
    "biometric.day.approval": dict.fromkeys(("bulk", "day"), "the day as it stood"),
    "biometric.month.record": {"number": "means nobody"},
    "biometric.month.step": {
        "content": "the days as they stood, without names",
        "digest": "a digest",
        "number": "means nobody",
    },
    "biometric.attestation": dict.fromkeys(
        ("text", "choices", "answer_text", "pay_code"), "the question's words, not the person's"
    ),
    "biometric.consent": {"text": "the words of the company that were shown"},
    "biometric.adjustment": dict.fromkeys(("bulk", "day_before"), "the day as it stood"),
    "biometric.adjustment.step": {"day": "the day as it stood"},
    "biometric.swap": {"roster_before": "the roster as it stood, without names"},
    "biometric.export.day": {
        "factors": "at which rate",
        "minutes": "what was paid",
        "payroll_number": "as in the file, which is kept",
        "rule_name": "of a rule set",
    },
    "biometric.week.finding": {"rule_name": "of a rule set"},
}
# Rows that go as a whole.
GO = (
    "biometric.area.member",
    "biometric.device.user",
    "biometric.payroll.number",
    "biometric.personal.link",
    "biometric.stale.day",
)
# Words that are taken out of rows that stay.
TAKEN_OUT = {
    "biometric.afd.line": {"line"},
    "biometric.attestation": {"reason", "token_hash"},
    "biometric.consent": {"note"},
    "biometric.month.step": {"text"},
    "biometric.adjustment": {"reason_text", "evidence"},
    "biometric.adjustment.step": {"text"},
    "biometric.cto.correction": {"reason", "answer"},
    "biometric.cto.payout": {"reason"},
    "biometric.swap": {"reason_text", "answer_text"},
}


@tagged("post_install", "-at_install")
class TestErasureRows(ChainCase):
    role = test_erasure.TestErasure.role
    erase = test_erasure.TestErasure.erase

    def setUp(self):
        super().setUp()
        self.admin = self.role("administrator")
        self.ana, self.bo = self.env["hr.employee"].create(
            [
                {"name": name, "company_id": self.company.id}
                for name in ("Ana Ximenes-Quist", "Bo Vanderbeek")
            ]
        )
        users = self.env["biometric.device.user"]
        users.map_pins(self.device.ids, [["3", self.ana.id], ["4", self.bo.id]])
        area = self.env["biometric.area"].create(
            {"name": "Plant", "company_id": self.company.id, "device_ids": self.device.ids}
        )
        self.env["biometric.area.member"].create(
            [{"area_id": area.id, "employee_id": one.id} for one in (self.ana, self.bo)]
        )

    def ask(self, person, **values):
        asked = {"kind": "excuse_late", "employee_id": person.id, "date": "2026-03-04"}
        requests = self.env["biometric.adjustment"]
        file = self.env["ir.attachment"].create({"name": "sick note.txt", "raw": WORDS.encode()})
        values = asked | {"minutes": 5, "reason_text": WORDS, "evidence_ids": file.ids} | values
        return requests.browse(requests.request(values))

    def hang(self, person):
        """Something in each room that is about the person."""
        own = {"employee_id": person.id, "company_id": self.company.id}
        asked = self.ask(person)
        number = {"number": f"N{person.id}", "first_name": "Placeholder", "title": WORDS}
        self.env["biometric.payroll.number"].create(number | {"employee_id": person.id})
        payout = lay_row(
            self.env["biometric.cto.payout"],
            own | {"minutes": 5, "state": "refused", "reason": WORDS},
        )
        payout._audit("create", None, payout._audit_values())
        wrong = lay_row(
            self.env["biometric.cto.correction"],
            own
            | {"minutes": 5, "state": "refused", "kind": "bank", "reason": WORDS, "answer": WORDS},
        )
        wrong._audit("create", None, wrong._audit_values())
        officer = self.role("hr_officer") if person == self.ana else self.officer
        self.officer = officer
        company = self.company
        record = self.env["biometric.month.record"]._prepare(
            person, company, date(2026, 3, 2), date(2026, 3, 3)
        )
        self.env["biometric.month.step"]._keep("sign", [(record, {"days": []}, "0" * 64)], WORDS)
        lay_row(
            self.env["biometric.afd.line"],
            own | {"nsr": person.id, "kind": "5", "day": "2026-03-02", "line": WORDS},
        )
        links = self.env["biometric.personal.link"].with_user(officer)
        links.with_company(self.company)._issue(person, "4711", 5)
        kind = self.env["hr.leave.type"].create({"name": "Sick", "requires_allocation": False})
        leave = self.env["hr.leave"].create(
            {"employee_id": person.id, "holiday_status_id": kind.id, "private_name": WORDS}
            | {"request_date_from": "2026-03-05", "request_date_to": "2026-03-05"}
        )
        leave.notes = leave.biometric_refusal_text = WORDS
        leave.message_post(body=WORDS)
        self.env["ir.attachment"].create(
            {"name": "note.txt", "raw": WORDS.encode(), "res_model": leave._name}
            | {"res_id": leave.id}
        )
        self.env.flush_all()
        return {"request": asked, "payout": payout, "leave": leave}

    def held(self, person):
        """Where words about the person stand, by what hangs on them."""
        self.env.invalidate_all()
        found = []
        # How many days wait to be computed is the service's own doing.
        for name in (*TAKEN_OUT, *GO[:-1]):
            rows = self.env[name].sudo().search([("employee_id", "=", person.id)])
            found += [name for _row in rows] if name in GO else []
            for row in rows if name in TAKEN_OUT else ():
                found += [f"{name}.{column}" for column in TAKEN_OUT[name] if row[column]]
        leaves = self.env["hr.leave"].search([("employee_id", "=", person.id)])
        found += ["private_name" for one in leaves if one.private_name]
        for name in ("notes", "biometric_refusal_text"):
            found += [name for one in leaves if one[name]]
        asked = self.env["biometric.adjustment"].search([("employee_id", "=", person.id)])
        for record in (*leaves, *asked):
            about = [("res_model", "=", record._name), ("res_id", "=", record.id)]
            found += self.env["ir.attachment"].search(about).mapped("name")
        for leave in leaves:
            found += [body for body in leave.message_ids.mapped("body") if WORDS in body]
        return sorted(found)

    def verify(self):
        while self.env["biometric.audit"]._seal(1000):
            pass
        self.assertEqual((self.inside(), self.outside()), ([], []))

    def test_s79_what_hangs_on_a_person_goes_with_them(self):
        """S79. Red when a room keeps what somebody wrote about an erased person: why they were
        late, a sick note, their name in a payroll program; or takes another person's."""
        mine, _hers = self.hang(self.ana), self.hang(self.bo)
        before = self.held(self.bo)
        for word in (
            *("sick note.txt", "note.txt", "private_name", "biometric.cto.payout.reason"),
            *("biometric.cto.correction.reason", "biometric.cto.correction.answer"),
            "biometric_refusal_text",
        ):
            self.assertIn(word, self.held(self.ana))
        self.assertEqual(self.held(self.ana), before)
        self.erase()
        self.assertEqual(self.held(self.ana), [])
        self.assertEqual(self.held(self.bo), before)
        self.assertTrue(mine["request"].exists(), "days hang on it")
        self.env.cr.execute(
            "SELECT count(*) FROM biometric_audit WHERE company_id = %s AND person_id = %s"
            " AND concat(before, after, reason) LIKE %s",
            (self.company.id, self.ana.id, f"%{WORDS}%"),
        )
        self.assertEqual(self.env.cr.fetchone()[0], 0)
        self.verify()

    def test_s79_every_text_about_a_person_is_decided(self):
        """S79. Red when a model about employees gets a text column and nobody said whether an
        erasure takes it out."""
        for name in self.env["biometric.person.export"]._models_about():
            if name in GO:
                continue
            texts = {
                field.name
                for field in self.env[name]._fields.values()
                if field.store and field.type in ("char", "text", "html", "json")
            }
            decided = TAKEN_OUT.get(name, set()) | {*STAYS.get(name, ())}
            with self.subTest(name):
                self.assertEqual(texts, decided)

    def test_s80_an_adjusted_punch_goes_like_any_other(self):
        """S80. Red when somebody decided about a punch in review, and neither an erasure nor the
        nightly purge gets past it."""
        rows = [self.lane.punch(pin=pin, wall="2020-03-02 08:00:00") for pin in ("3", "4")]
        self.store(self.agent, self.lane, *rows)
        punches = self.env["biometric.punch"]
        for person, pin in ((self.ana, "3"), (self.bo, "4")):
            punch = punches.search([("pin", "=", pin), ("wall_date", "=", "2020-03-02")])
            self.ask(person, kind="void_punch", date="2020-03-02", punch_id=punch.id, minutes=0)
        self.erase()
        asked = self.env["biometric.adjustment"].search([])
        self.assertEqual(asked.employee_id, self.bo)
        self.verify()
        self.owner(
            "UPDATE biometric_punch SET stored_at = '2020-03-03' WHERE wall_date = '2020-03-02'"
        )
        self.company.sudo().biometric_retention_months = 24
        self.env["biometric.retention"]._purge(self.company)
        self.assertFalse(punches.search([("wall_date", "=", "2020-03-02")]))
        self.assertFalse(asked.exists())
        self.assertFalse(self.env["ir.attachment"].search([("name", "=", "sick note.txt")]))
        self.verify()
