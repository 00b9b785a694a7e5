"""Seams: where the addon touches what belongs to Odoo and what a later Odoo changes.

One file a subject. SQL of ours names a table or column of Odoo's in `sql_*.py` alone, and everybody
else reads the pieces those files give. Knows no model of ours.
"""
