/** A site that nobody has set up yet, and a System Manager who is about to. */
import { SiteProvisioner } from "../../../edge_agent/erpnext/erpnext.ts";
import { BRANCH, doorOf, type Key, managerOf } from "../../sim/erpnext/set_up.ts";
import { FakeSite } from "../../sim/erpnext/site.ts";

export async function withBare(
  use: (site: FakeSite, provisioner: SiteProvisioner, manager: Key) => Promise<void>,
): Promise<void> {
  const site = new FakeSite();
  site.start();
  const manager = managerOf(site);
  const { door, http } = doorOf(site, manager);
  try {
    await use(site, new SiteProvisioner(door, { agent: BRANCH, setLastSync: false }), manager);
  } finally {
    http.stop();
    await site.stop();
  }
}
