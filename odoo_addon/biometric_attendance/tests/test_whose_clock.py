"""Whose clock a time on screen is by: the place's, the same for every reader, or one's own."""

from lxml import etree

from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL

from .common import AddonCase

OURS = "biometric_attendance"
YOURS = "(your time)"
PLACES = "(place's time)"
# Models of ours that show a place's time beside an instant.
KEPT = ("biometric.device", "biometric.gap", "biometric.run")


@tagged("post_install", "-at_install")
class TestWhoseClock(TransactionCase, AddonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent, _token = cls.make_agent("Branch", tz="Europe/Berlin")
        cls.device = cls.make_device(cls.agent)
        cls.device.zone_ids.unlink()
        cls.zone = cls.env["biometric.device.zone"].create(
            {"device_id": cls.device.id, "tz": "Europe/Berlin"}
        )

    def run_at(self, started, ended=False, number=1):
        values = {
            "company_id": self.env.company.id,
            "agent_id": self.agent.id,
            "device_id": self.device.id,
            "uuid": f"{number:036}",
            "channel": "push",
            "started_at": started,
            "ended_at": ended,
        }
        return self.fresh(self.env["biometric.run"].create(values))

    def fresh(self, record):
        record.flush_recordset()
        record.invalidate_recordset()
        return record

    # ------------------------------------------------------------------ headings

    def test_every_heading_of_a_date_and_time_says_whose_it_is(self):
        """Red when a heading, a filter or a group of a date and time in any view of ours says
        neither the reader's clock nor the place's."""
        views = self.env["ir.ui.view"].browse(
            self.env["ir.model.data"]
            .search([("module", "=", OURS), ("model", "=", "ir.ui.view")])
            .mapped("res_id")
        )
        views = views.filtered(lambda view: (view.model or "").startswith("biometric."))
        self.assertGreater(len(views), 100)
        silent = [f"{view.xml_id}: {name}" for view in views for name in self.silent(view)]
        self.assertEqual(silent, [])

    def silent(self, view):
        """Names of what shows a date and time of a view without saying whose."""
        for node in etree.fromstring(view.arch).iter("field", "filter"):
            model = self.env[self.model_of(node, view.model)]
            field = model._fields.get(self.instant_of(node))
            if field is None or field.type != "datetime":
                continue
            heading = node.get("string") or model.fields_get([field.name])[field.name]["string"]
            if node.tag == "filter" and not (node.get("date") or node.get("context")):
                continue
            if self.is_bare(node):
                heading = "".join(node.getparent().itertext())
            if YOURS not in heading:
                yield node.get("name")

    @staticmethod
    def is_bare(node):
        """Whether it stands within a sentence, without its heading."""
        labels = node.getroottree().getroot().iter("label")
        inline = "oe_inline" in (node.get("class") or "")
        return inline and node.get("name") not in {label.get("for") for label in labels}

    @staticmethod
    def instant_of(node):
        """The field that a node shows, filters or groups by."""
        if node.tag == "field":
            return node.get("name")
        if node.get("date"):
            return node.get("date")
        _key, _colon, group = (node.get("context") or "").partition("group_by")
        return group.strip("'\": }").split(":")[0].split("'")[0]

    def model_of(self, node, model):
        """Of a field in a list inside a form: the model of that list."""
        above = [one for one in node.iterancestors("field") if len(one)]
        for parent in reversed(above):
            model = self.env[model]._fields[parent.get("name")].comodel_name or model
        return model

    def test_every_kept_time_says_that_it_is_the_places(self):
        """Red when a text of a place's time does not say so, or one of ours has no column."""
        for name in KEPT:
            model = self.env[name]
            self.assertTrue(model._place_times)
            for text, instant in model._place_times.items():
                heading = model.fields_get([text])[text]["string"]
                self.assertIn(PLACES, heading)
                self.assertEqual(model._fields[instant].type, "datetime")

    # ------------------------------------------------------------------ the same for every reader

    def test_a_run_shows_the_clock_of_its_place_over_both_nights_of_the_change(self):
        """Red when an offset is taken from another day than the instant's."""
        for number, (at, shown) in enumerate(
            {
                "2026-03-29 00:59:59": "2026-03-29 01:59",
                "2026-03-29 01:00:00": "2026-03-29 03:00",
                "2026-10-25 00:59:59": "2026-10-25 02:59",
                "2026-10-25 01:00:00": "2026-10-25 02:00",
            }.items(),
            start=1,
        ):
            run = self.run_at(at, at, number)
            self.assertEqual((run.started_place, run.ended_place), (shown, shown))

    def test_rows_that_go_by_sql_have_it_too(self):
        """Red when a way of writing forgets it: ingest and sync write by SQL."""
        run = self.run_at("2026-03-02 08:00:00")
        self.assertFalse(run.ended_place)
        self.env.cr.execute(
            "UPDATE biometric_run SET ended_at = '2026-03-02 09:00' WHERE id = %s", (run.id,)
        )
        self.env.cr.execute(
            """UPDATE biometric_device SET last_heard_at = '2026-03-02 09:00',
                      last_punch_at = '2026-07-02 09:00' WHERE id = %s""",
            (self.device.id,),
        )
        self.env.invalidate_all()
        self.assertEqual(run.ended_place, "2026-03-02 10:00")
        shown = (self.device.last_heard_place, self.device.last_punch_place)
        self.assertEqual(shown, ("2026-03-02 10:00", "2026-07-02 11:00"))
        self.assertFalse(self.device.complete_place)

    def test_a_corrected_zone_shows_again_what_stood_there(self):
        """Red when rows keep the zone of before, or one before the span takes its zone."""
        gap = self.env["biometric.gap"].create(
            {
                "company_id": self.env.company.id,
                "agent_id": self.agent.id,
                "device_id": self.device.id,
                "kind": "silence",
                "window_from": "2026-03-02 08:00:00",
                "window_to": "2026-03-05 08:00:00",
            }
        )
        self.fresh(gap)
        shown = (gap.window_from_place, gap.window_to_place)
        self.assertEqual(shown, ("2026-03-02 09:00", "2026-03-05 09:00"))
        self.env["biometric.device.zone"].create(
            {"device_id": self.device.id, "tz": "Asia/Manila", "valid_from": "2026-03-04 00:00:00"}
        )
        self.fresh(gap)
        shown = (gap.window_from_place, gap.window_to_place)
        self.assertEqual(shown, ("2026-03-02 09:00", "2026-03-05 16:00"))
        branch = self.env["biometric.gap"].create(
            {
                "company_id": self.env.company.id,
                "agent_id": self.agent.id,
                "kind": "lane",
                "window_from": "2026-03-02 08:00:00",
            }
        )
        self.assertEqual(self.fresh(branch).window_from_place, "2026-03-02 09:00")

    def test_the_text_follows_the_zone_of_its_branch(self):
        """Red when a branch's own gap, or a run of a terminal without a zone of its own, keeps the
        zone that its agent had before; or one of a terminal with a zone takes the agent's."""
        row = {"company_id": self.env.company.id, "agent_id": self.agent.id, "kind": "lane"}
        gap = self.env["biometric.gap"].create(row | {"window_from": "2026-03-02 08:00:00"})
        run = self.run_at("2026-03-02 08:00:00")
        bare = self.make_device(self.agent, "SN2")
        bare.zone_ids.unlink()
        values = {"company_id": self.env.company.id, "agent_id": self.agent.id, "uuid": "x" * 36}
        values |= {"device_id": bare.id, "channel": "file", "started_at": "2026-03-02 08:00:00"}
        alone = self.env["biometric.run"].create(values)
        bare.sudo().last_heard_at = "2026-03-02 08:00:00"

        def shown():
            return (
                self.fresh(gap).window_from_place,
                self.fresh(alone).started_place,
                self.fresh(bare).last_heard_place,
                self.fresh(run).started_place,
            )

        self.assertEqual(set(shown()), {"2026-03-02 09:00"})
        self.agent.tz = "Asia/Manila"
        self.assertEqual(shown(), (*["2026-03-02 16:00"] * 3, "2026-03-02 09:00"))
        gap.window_to = "2026-03-03 08:00:00"
        self.assertEqual(self.fresh(gap).window_to_place, "2026-03-03 16:00")

    def test_two_readers_export_and_group_the_same(self):
        """Red when what stands in a file depends on whose clock the reader has."""
        run = self.run_at("2026-03-02 21:56:00")
        files = {
            tz: run.with_context(tz=tz).export_data(["started_place"])["datas"]
            for tz in ("Asia/Manila", "America/New_York")
        }
        self.assertEqual(set(map(str, files.values())), {"[['2026-03-02 22:56']]"})
        found = self.env["biometric.run"].search([("started_place", "ilike", "2026-03-02")])
        self.assertIn(run, found)

    def test_an_upgrade_fills_what_stood_there(self):
        """Red when the migration's statement leaves a row without its place's time."""
        run = self.run_at("2026-03-02 08:00:00", "2026-03-02 09:00:00")
        self.env.cr.execute(SQL("ALTER TABLE biometric_run DISABLE TRIGGER biometric_run_place"))
        self.env.cr.execute(
            "UPDATE biometric_run SET started_place = NULL, ended_place = NULL WHERE id = %s",
            (run.id,),
        )
        self.env.cr.execute(SQL("ALTER TABLE biometric_run ENABLE TRIGGER biometric_run_place"))
        self.env.cr.execute("UPDATE biometric_run SET started_at = started_at")
        self.env.invalidate_all()
        self.assertEqual(run.ended_place, "2026-03-02 10:00")
