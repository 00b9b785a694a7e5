"""A monthly record on paper: what it was when it was put there, and what is said to whoever asks
whether a paper is genuine.

Owns the address behind the code on the paper, and the answer. Must not know columns or words.
"""

from odoo import api

from ...seams.qr import qr_svg
from .biometric_month_content import digest_of

PATH = "/biometric_attendance/record"


class MonthPaper:
    """Of biometric.month.record: paper. Mixed into its one class."""

    __slots__ = ()

    def _issue(self):
        """`{record id: (content, digest)}` of what is put on paper now (sudo); a state that nobody
        put on paper before gets a row, so that the paper is known for ever."""
        contents = self._contents()
        told = {one.id: (contents[one.id], digest_of(contents[one.id])) for one in self}
        new = [
            (one, *told[one.id])
            for one in self
            if told[one.id][1] not in one._known().mapped("digest")
        ]
        if new:
            self.env["biometric.month.step"]._keep("issue", new)
        return told

    @api.model
    def _verify(self, number, digest):
        """What is known of a paper (sudo): `{"verdict": genuine | changed | unknown, "certified",
        "signed"}`. Says nothing about anybody."""
        record = self.search([("number", "=", (number or "").upper())], limit=1)
        known = record._known().filtered(lambda step: step.digest == digest)
        if not known:
            return {"verdict": "unknown", "certified": False, "signed": False}
        now = digest_of(record._contents()[record.id])
        kinds = set(known.mapped("kind"))
        return {
            "verdict": "genuine" if now == digest else "changed",
            "certified": "certify" in kinds,
            "signed": "sign" in kinds,
        }

    def _known(self):
        """Steps whose state somebody put on paper or signed."""
        return self.step_ids.filtered(lambda step: step.kind != "ask_again")

    def _address_of(self, digest):
        return f"{self.get_base_url()}{PATH}/{self.number}/{digest}"

    def _code_of(self, digest):
        """The address as a QR code, an SVG document."""
        return qr_svg(self._address_of(digest))

    def _corrections(self, content):
        """The adjustments that count in these days (sudo), in the order of their dates."""
        numbers = {number for day in content["days"] for number in day["corrections"]}
        return self.env["biometric.adjustment"].sudo().browse(numbers).exists().sorted("date")

    def _files(self):
        """The PDF files made of these records (sudo)."""
        return (
            self.env["ir.attachment"]
            .sudo()
            .search([("res_model", "=", self._name), ("res_id", "in", self.ids)])
        )
