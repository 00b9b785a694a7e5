"""The rules of the addon's house, held over its syntax tree: no Odoo, nothing of it imported."""
