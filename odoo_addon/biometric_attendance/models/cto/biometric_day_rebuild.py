"""Days that were computed earn: their credit is posted in the same transaction."""

from odoo import models


class BiometricDayRebuild(models.AbstractModel):
    _inherit = "biometric.day.rebuild"

    def _after_slice(self, rows, book):
        result = super()._after_slice(rows, book)
        self.env["biometric.cto.accrual"].sudo()._post_rows(rows, book)
        self.env["biometric.cto.flex"].sudo()._post_rows(rows, book)
        return result
