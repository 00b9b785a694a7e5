/** What a shift type's mark of completeness is set to, and by whom. */
import assert from "node:assert/strict";
import { BRANCH, setUp } from "../../sim/erpnext/set_up.ts";
import { SERIAL } from "../queue/lane_kit.ts";
import { withControl, type World } from "./control_kit.ts";

// Red when it is set beyond what is proven, goes back, or is set although the site moves it by the clock.
Deno.test("Last Sync of Checkin is the least of what its terminals are proven, never back", () =>
  withControl({ setLastSync: true }, async (world) => {
    const { kit, look } = world;
    const manager = kit.site.addUser("second@example.com", ["System Manager"]);
    await setUp(kit.site, { setLastSync: true, manager });
    const [user] = kit.site.rows("User", [["email", "=", "biometric-agent-cebu@agent.invalid"]]);
    assert.ok(user);
    kit.key = await setUp(kit.site, { setLastSync: true, manager });
    for (const name of ["Day", "Clock"]) await kit.site.put("Shift Type", { name });
    kit.site.set("Shift Type", "Clock", { auto_update_last_sync: 1 });
    const fed = [{ shift_type: "Day" }, { shift_type: "Clock" }];
    kit.site.set("Biometric Device", SERIAL, { shift_types: fed });
    await kit.site.put("Biometric Device", {
      serial: "S2",
      agent: BRANCH,
      approval: "Approved",
      shift_types: [fed[0]],
    });
    const now = kit.clock.now();
    const heard = (first: number, second: number) => [
      { serial: SERIAL, lastHeardAt: first, since: now - 7_200_000 },
      { serial: "S2", lastHeardAt: second, since: now - 7_200_000 },
    ];
    world.heard = heard(now, now - 3_600_000);
    await look();
    const sync = (name: string) =>
      kit.site.rows("Shift Type", [["name", "=", name]])[0]?.["last_sync_of_checkin"];
    assert.equal(sync("Day"), "2026-03-02 08:00:00");
    assert.equal(sync("Clock") ?? null, null);
    const said = () => String(kit.site.rows("Biometric Agent")[0]?.["last_sync"]);
    assert.match(said(), /Clock: .*Auto Update Last Sync is on/);
    kit.site.set("Shift Type", "Day", { last_sync_of_checkin: "2026-03-02 20:00:00" });
    world.heard = heard(now + 60_000, now + 60_000);
    kit.clock.advance(301_000);
    await look();
    assert.equal(sync("Day"), "2026-03-02 20:00:00");
  }));

/** Two terminals of this agent feed one shift type, whose mark the role may write. */
async function twoTerminals({ kit }: World): Promise<void> {
  const manager = kit.site.addUser("second@example.com", ["System Manager"]);
  kit.key = await setUp(kit.site, { setLastSync: true, manager });
  await kit.site.put("Shift Type", { name: "Day", last_sync_of_checkin: "2026-03-01 00:00:00" });
  const shift_types = [{ shift_type: "Day" }];
  kit.site.set("Biometric Device", SERIAL, { shift_types });
  const second = { serial: "S2", agent: BRANCH, approval: "Approved", shift_types };
  await kit.site.put("Biometric Device", second);
}

function mark({ kit }: World) {
  const [day] = kit.site.rows("Shift Type", [["name", "=", "Day"]]);
  const [agent] = kit.site.rows("Biometric Agent");
  return [day?.["last_sync_of_checkin"], agent?.["last_sync"]];
}

// Red when what the role may do decides: all agents have one role, and this one was set up without the option.
Deno.test("Last Sync of Checkin is not set without leave, and the value to type is shown", () =>
  withControl({ setLastSync: false }, async (world) => {
    await twoTerminals(world);
    const now = world.kit.clock.now();
    world.heard = [SERIAL, "S2"].map((serial) => ({
      serial,
      lastHeardAt: now,
      since: now - 60_000,
    }));
    await world.look();
    assert.deepEqual(mark(world), ["2026-03-01 00:00:00", `Day: 2026-03-02 09:00:00 (${SERIAL})`]);
  }));

for (const first of [true, false]) {
  // Red when only what is proven is looked at: ERPNext would write Absent who punched at the other terminal.
  Deno.test(`a terminal of which nothing is proven (${first ? "first" : "last"}) holds up its shift types`, () =>
    withControl({ setLastSync: true }, async (world) => {
      await twoTerminals(world);
      const now = world.kit.clock.now();
      const proven = { lastHeardAt: now, since: now - 60_000 };
      const unproven = { lastHeardAt: null, since: null };
      world.heard = [
        { serial: SERIAL, ...(first ? unproven : proven) },
        { serial: "S2", ...(first ? proven : unproven) },
      ];
      await world.look();
      assert.deepEqual(mark(world), [
        "2026-03-01 00:00:00",
        `Day: nothing is proven yet of ${first ? SERIAL : "S2"}`,
      ]);
    }));
}

// Red when an agent looks at its own terminals alone: the later of two branches would decide for both.
Deno.test("Last Sync of Checkin waits for terminals of other agents, and for none that was refused", () =>
  withControl({ setLastSync: true }, async (world) => {
    await twoTerminals(world);
    const { kit, look } = world;
    const other = (values: Record<string, unknown>) =>
      kit.site.set("Biometric Device", "S2", { agent: "Manila", ...values });
    const now = kit.clock.now();
    world.heard = [{ serial: SERIAL, lastHeardAt: now, since: now - 60_000 }];
    await kit.site.put("Biometric Agent", { agent_name: "Manila" });
    other({});
    await look();
    assert.deepEqual(mark(world), ["2026-03-01 00:00:00", "Day: nothing is proven yet of S2"]);
    other({ complete_until: "2026-03-02 07:30:00.000000" });
    kit.clock.advance(301_000);
    await look();
    assert.deepEqual(mark(world), ["2026-03-02 07:30:00", "Day: 2026-03-02 07:30:00 (S2), set"]);
    other({ approval: "Waiting", complete_until: "2026-03-02 07:45:00" });
    kit.clock.advance(301_000);
    await look();
    assert.deepEqual(mark(world), ["2026-03-02 07:45:00", "Day: 2026-03-02 07:45:00 (S2), set"]);
    other({ approval: "Refused" });
    kit.clock.advance(301_000);
    await look();
    assert.deepEqual(mark(world), [
      "2026-03-02 09:00:00",
      `Day: 2026-03-02 09:00:00 (${SERIAL}), set`,
    ]);
  }));
