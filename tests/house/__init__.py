"""The rules of the addon's house, held over its syntax tree: no Odoo, no import of what is looked at."""
