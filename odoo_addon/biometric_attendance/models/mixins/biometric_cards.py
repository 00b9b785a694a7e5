"""Cards for a phone: every list of ours that has no kanban view of its own gets one from its list.
A list or form itself says by a class that it is ours, for its style.

Owns how a line of a list becomes a card: the first column is its heading, a badge stands beside it,
the next ones follow with their labels. Must not know any model. Odoo asks for the view of a model
without one here; a model with cards of its own never comes by.
"""

from lxml import etree
from lxml.builder import E

from odoo import api

OURS = "biometric."
# What our lists and forms are called for their style (owl_src/lines.scss, muted.scss).
CLASSES = {"list": "o_biometric_lines", "form": "o_biometric_form"}
# Lines of a card below its heading: more would be a form.
MOST_LINES = 6
# What a column of a list says that a card understands as well.
KEPT = ("name", "widget", "options", "invisible", "groups")
# On a card an avatar would stand there without its name.
WIDGETS = ("badge", "biometric_minutes", "many2many_tags", "progressbar")
# A number says something when it is zero; anything else that is empty takes no line.
NUMBERS = ("integer", "float", "monetary")
ROOT_KEPT = ("create", "edit", "delete", "default_order")


class Cards:
    """Of base: the kanban view of a model without one. Mixed into its one class
    (biometric_your_time.py)."""

    __slots__ = ()

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        if arch.tag in CLASSES and self._name.startswith(OURS):
            arch.set("class", f"{arch.get('class', '')} {CLASSES[arch.tag]}".strip())
        return arch, view

    @api.model
    def _get_default_kanban_view(self):
        if not self._name.startswith(OURS):
            return super()._get_default_kanban_view()
        listed, _view = self._get_view(view_type="list")
        if listed.tag != "list":
            return super()._get_default_kanban_view()
        kept = {name: listed.get(name) for name in ROOT_KEPT if listed.get(name)}
        if listed.get("editable"):
            # A line is added in the list; there may be no form.
            kept["create"] = "0"
        kept["class"] = "o_biometric_cards"
        return E.kanban(E.templates(self._biometric_card(listed)), string=self._description, **kept)

    def _biometric_card(self, listed):
        """The card of one line of the list `listed`."""
        columns = [one for one in listed.iterchildren("field") if self._biometric_is_shown(one)]
        badges = [one for one in columns if one.get("widget") == "badge"]
        lines = [one for one in columns if one not in badges]
        heading, lines = lines[:1], lines[1 : MOST_LINES + 1]
        top = E.div(
            *(_field(one, "fw-bold") for one in heading),
            *(_field(one, "ms-auto") for one in badges),
            {"class": "d-flex gap-2 flex-wrap align-items-start"},
        )
        return E.t(top, *map(self._biometric_line, lines), {"t-name": "card"})

    def _biometric_line(self, column):
        name = column.get("name")
        label = column.get("string") or self.sudo().fields_get([name], ["string"])[name]["string"]
        line = E.div(
            E.span(f"{label}:", {"class": "text-muted me-1"}),
            _field(column, "text-break"),
            {"class": "d-flex flex-wrap small"},
        )
        if column.get("groups"):
            line.set("groups", column.get("groups"))
        hidden = [column.get("invisible")] if column.get("invisible") else []
        if self._fields[name].type not in NUMBERS:
            hidden.append(f"not {name}")
        if hidden:
            line.set("invisible", " or ".join(f"({one})" for one in hidden))
        return line

    def _biometric_is_shown(self, column):
        return (
            column.get("name") in self._fields
            and column.get("column_invisible") not in ("1", "True")
            and column.get("invisible") not in ("1", "True")
            and column.get("optional") != "hide"
            and column.get("widget") != "handle"
        )


def _field(column, css):
    """The column as a field of a card."""
    attributes = {name: column.get(name) for name in KEPT if column.get(name)}
    if attributes.get("widget") not in WIDGETS:
        attributes.pop("widget", None)
        attributes.pop("options", None)
    decorations = {k: v for k, v in column.attrib.items() if k.startswith("decoration-")}
    return etree.Element("field", {**attributes, **decorations, "class": css})
