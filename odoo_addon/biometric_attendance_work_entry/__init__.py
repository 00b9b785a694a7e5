"""Addon root: payroll files as Odoo work entries."""

from . import models
