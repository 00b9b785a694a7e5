"""Opens a form as the web client does: the view as this user gets it, then what it asks for."""

from lxml import etree


def open_form(record):
    """`web_read` of everything that the form of `record` shows to its reader; AccessError else."""
    view = record.get_views([(False, "form")])["views"]["form"]
    return record.web_read(_asked(record, etree.fromstring(view["arch"])))


def _asked(model, arch):
    """The specification of `web_read` for the fields of an arch, lists in it included."""
    asked = {}
    for node in arch.iter("field"):
        if _inside_another(node, arch) or node.get("name") not in model._fields:
            continue
        field = model._fields[node.get("name")]
        if field.type == "many2one":
            asked[field.name] = {"fields": {"display_name": {}}}
        elif field.type in ("one2many", "many2many"):
            asked[field.name] = {"fields": _lines(model.env[field.comodel_name], node)}
        else:
            asked[field.name] = {}
    return asked


def _inside_another(node, arch):
    return any(parent.tag == "field" for parent in node.iterancestors() if parent is not arch)


def _lines(comodel, node):
    inner = next((child for child in node if child.tag in ("list", "kanban", "form")), None)
    if node.get("widget") in ("many2many_tags", "mail_followers", "mail_activity", "mail_thread"):
        return {"display_name": {}}
    if inner is None:
        view = comodel.get_views([(False, "list")])["views"]["list"]
        inner = etree.fromstring(view["arch"])
    return {
        name: {"fields": {"display_name": {}}} if comodel._fields[name].type == "many2one" else {}
        for name in {child.get("name") for child in inner.iter("field")}
        if name in comodel._fields
    }
