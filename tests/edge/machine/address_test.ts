/** The machine's own networks: what is proposed for terminals, what is lent, and an address that changes. */
import assert from "node:assert/strict";
import { Alarms } from "../../../edge_agent/health/alarms.ts";
import { AddressWatch } from "../../../edge_agent/machine/address_watch.ts";
import {
  isLent,
  menuLines,
  type OwnNetwork,
  ownNetworks,
} from "../../../edge_agent/machine/network.ts";
import { ManualClock } from "../../sim/manual_clock.ts";
import { silentLog } from "../../sim/silent_log.ts";

const network = (address: string, name = "eth0"): OwnNetwork => ({
  name,
  address,
  network: `${address.replace(/\.\d+$/, ".0")}/24`,
  mac: "dc:a6:32:01:02:03",
});

// Red when a machine whose router gave it nothing yet is told to type nothing, without a word why.
Deno.test("install says what to type in a terminal, and where the address will stand while there is none", () => {
  assert.deepEqual(menuLines([network("192.168.1.20")], 8081), [
    "    server address 192.168.1.20   port 8081   HTTPS off   proxy off",
  ]);
  const [line, why = "", ...more] = menuLines([], 8081);
  assert.deepEqual([line, more], [
    "    server address of this machine   port 8081   HTTPS off   proxy off",
    [],
  ]);
  assert.match(
    why,
    /^This machine has no address .* look at the cable and the router; `biometric-agent status` shows it/,
  );
});

class Machine {
  networks: OwnNetwork[] = [network("192.168.1.20")];
  readonly kept = new Map<string, string>();
  alarms = this.#alarms();

  #alarms(): Alarms {
    const alarms = new Alarms({
      clock: new ManualClock(),
      log: silentLog,
      store: {
        getState: (name) => this.kept.get(name) ?? null,
        setState: (name, value) => void this.kept.set(name, value),
      },
    });
    alarms.start();
    return alarms;
  }

  /** As after a start of the agent. */
  restart(): void {
    this.alarms = this.#alarms();
  }

  look(times = 3): string {
    const watch = new AddressWatch({
      networks: () => this.networks,
      isTerminalNetwork: (address) => address.startsWith("192.168."),
      store: {
        getState: (name) => this.kept.get(name) ?? null,
        setState: (name, value) => void this.kept.set(name, value),
      },
      alarms: this.alarms,
      clock: new ManualClock(),
      log: silentLog,
    });
    for (let n = 0; n < times; n++) watch.look();
    return this.alarms.list().map(({ code, message }) => `${code}: ${message}`).join();
  }
}

const CHANGED =
  "own_address: this machine had the address 192.168.1.20 and has 192.168.1.57 now: " +
  "terminals still call 192.168.1.20";

// Red when the new address is taken over in silence, or a start forgets the old one.
Deno.test("own address: a changed one is an alarm with both, over starts, until a person has seen it", () => {
  const machine = new Machine();
  assert.equal(machine.look(), "");
  machine.networks = [network("192.168.1.57")];
  assert.equal(machine.look(1), "", "a lease that is renewed may leave it without for a moment");
  assert.equal(machine.look(), CHANGED);
  machine.restart();
  assert.equal(machine.look(), CHANGED);
  assert.equal(machine.alarms.acknowledge("own_address"), true);
  assert.equal(machine.look(), "");
  machine.networks = [network("192.168.1.20")];
  assert.match(machine.look(), /had the address 192\.168\.1\.57 and has 192\.168\.1\.20 now/);
});

Deno.test("own address: the old one is back, and the alarm ends by itself", () => {
  const machine = new Machine();
  machine.look();
  machine.networks = [network("192.168.1.57")];
  assert.equal(machine.look(), CHANGED);
  machine.networks = [network("10.0.0.9", "wlan0"), network("192.168.1.20")];
  assert.equal(machine.look(), "");
  machine.networks = [];
  assert.match(machine.look(), /and has none now: terminals still call 192\.168\.1\.20$/);
});

Deno.test("own address: what terminals call is the one in their network", () => {
  const machine = new Machine();
  machine.networks = [network("10.0.0.9", "wlan0"), network("192.168.1.20")];
  machine.look();
  machine.networks = [network("192.168.1.20")];
  assert.equal(machine.look(), "", "another network of the machine may go");
});

Deno.test("networks: the branch's own are proposed, those of containers and the Internet are not", () => {
  const interfaces = [
    ["lo", "127.0.0.1", 8],
    ["eth0", "192.168.10.77", 20],
    ["wlan0", "172.20.5.6", 16],
    ["docker0", "172.17.0.1", 16],
    ["ppp0", "203.0.113.7", 32],
    ["eth1", "10.1.2.3", 8],
  ] as const;
  const found = ownNetworks(interfaces.map(([name, address, bits]) => ({
    name,
    family: "IPv4",
    address,
    netmask: "",
    scopeid: null,
    cidr: `${address}/${bits}`,
    mac: "dc:a6:32:01:02:03",
  })));
  assert.deepEqual(found.map((one) => [one.name, one.network]), [
    ["eth0", "192.168.0.0/20"],
    ["wlan0", "172.20.0.0/16"],
    ["eth1", "10.0.0.0/8"],
  ]);
});

Deno.test("networks: whether an address is lent is what the system says of it", () => {
  const said = JSON.stringify([{
    ifname: "eth0",
    addr_info: [
      {
        family: "inet",
        local: "192.168.1.20",
        prefixlen: 24,
        dynamic: true,
        valid_life_time: 3600,
      },
      { family: "inet", local: "192.168.1.9", prefixlen: 24, valid_life_time: 4294967295 },
    ],
  }]);
  assert.equal(isLent(said, "192.168.1.20"), true);
  assert.equal(isLent(said, "192.168.1.9"), false);
  assert.equal(isLent(said, "10.0.0.1"), null);
});
