"""Hours that a clock shows twice or never: what counts of a terminal is what its whole order says,
although only the quarter hours about a change of clocks are looked at."""

from datetime import datetime, timedelta

from odoo.tests import TransactionCase, tagged

from ..engine import Zone, resolve_walls, wall_of
from .common import AddonCase, Lane

# Zone and date of a change of clocks: by an hour, half of one, from a quarter past or to, and for
# Ramadan, which has four in a year.
NIGHTS = (
    ("America/New_York", "2026-11-01"),
    ("America/New_York", "2026-03-08"),
    ("America/St_Johns", "2026-11-01"),
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Pacific/Chatham", "2026-04-05"),
    ("Pacific/Chatham", "2026-09-27"),
    ("Africa/Casablanca", "2026-02-15"),
    ("Africa/Casablanca", "2026-03-22"),
    ("Asia/Kathmandu", "2026-03-22"),
)
STEP = timedelta(minutes=5)


@tagged("post_install", "-at_install")
class TestUsableHours(TransactionCase, AddonCase):
    def walls(self, day, again):
        """Each five minutes of a night, from `again` on a second time: the clock was set back."""
        midnight = datetime.fromisoformat(day)
        clocks = [midnight + STEP * number for number in range(6 * 12)]
        from_there = [clock for clock in clocks if f"{clock:%H:%M}" >= again]
        # stamps of the second reading lie a second later: other punches
        clocks = [clock for clock in clocks if f"{clock:%H:%M}" < "04:00"]
        return [str(one) for one in [*clocks, *(one + timedelta(seconds=1) for one in from_there)]]

    def test_every_quarter_hour_of_a_night_means_what_the_order_says(self):
        """Red when a quarter hour that the clock showed twice or never passes for a plain one, when
        one beside it is called undecided, or when a terminal's order is asked of another's."""
        agent, _token = self.make_agent()
        employee = self.env["hr.employee"].create({"name": "Ana"})
        undecided = set()
        for number, (tz, day) in enumerate(NIGHTS):
            for again in ("02:45", "24:00"):
                serial = f"N{number}{again[:2]}"
                device = self.make_device(agent, serial, tz=tz)
                self.env["biometric.device.user"].map_pins(device.ids, [["7", employee.id]])
                lane, walls = Lane(f"{number:030x}{again[:2]}"), self.walls(day, again)
                later = datetime.fromisoformat(day) + timedelta(days=1)
                received = f"{later:%Y-%m-%dT%H:%M:%S}.000Z"
                rows = [
                    lane.punch(serial=serial, wall=wall, received_at=received) for wall in walls
                ]
                self.store(agent, lane, *rows)
                zone = Zone(tz)
                said = resolve_walls([(wall_of(wall), zone) for wall in walls])
                wanted = dict(zip(walls, said, strict=True))
                punches = self.env["biometric.punch"]._usable(employee.ids, day, day)
                found = {
                    one.wall_time: (one.at, one.fold_undecided)
                    for one in punches
                    if one.device_id == device.id
                }
                self.assertEqual(found, wanted, (tz, day, again))
                undecided |= {tz for _at, is_open in said if is_open}
        self.assertEqual(undecided, {tz for tz, _day in NIGHTS} - {"Asia/Kathmandu"})

    def test_a_word_of_an_unsure_clock_is_no_first_time_seen(self):
        """Red when a punch is weighed against what an agent without a sure clock wrote: it would
        lie years ahead, and not count."""
        agent, _token = self.make_agent()
        device = self.make_device(agent)
        employee = self.env["hr.employee"].create({"name": "Ana"})
        self.env["biometric.device.user"].map_pins(device.ids, [["7", employee.id]])
        lane = Lane()
        unsure = {"received_at": "2020-01-01T00:00:01.000Z", "clock": "unsure"}
        self.store(
            agent,
            lane,
            lane.punch(**unsure),
            lane.punch(wall="2026-03-02 17:00:00", **unsure),
            lane.punch(
                wall="2026-03-02 17:00:00", channel="poll", received_at="2026-03-02T17:00:01.000Z"
            ),
        )
        punches = self.env["biometric.punch"]._usable(employee.ids, "2026-03-02", "2026-03-02")
        self.assertEqual([one.wall_time[11:16] for one in punches], ["08:00", "17:00"])
