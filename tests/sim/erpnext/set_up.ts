/**
 * A fake site that was set up by the agent's own provisioning, as a System Manager would: nothing of our
 * DocTypes is known to the fake before.
 */
import { DestinationHttp } from "../../../edge_agent/delivery/delivery.ts";
import { Site, SiteProvisioner } from "../../../edge_agent/erpnext/erpnext.ts";
import { FakeSite, type Image, type SiteOptions } from "./site.ts";

export const BRANCH = "Cebu";

export interface Key {
  readonly key: string;
  readonly secret: string;
}

/** A door to the site for somebody with this key. */
export function doorOf(site: { readonly url: string }, key: Key | null): {
  readonly door: Site;
  readonly http: DestinationHttp;
} {
  const http = new DestinationHttp({ timeoutMs: 20_000, monotonic: () => performance.now() });
  const door = new Site({
    http,
    access: () => key === null ? null : { url: site.url, ...key },
    agentVersion: "test",
    now: Date.now,
  });
  return { door, http };
}

/** The System Manager who sets up. */
export function managerOf(site: FakeSite): Key {
  return site.addUser("manager@example.com", ["System Manager"]);
}

/** Runs all steps; returns the key of the agent's own user. */
export async function setUp(
  site: FakeSite,
  { agent = BRANCH, setLastSync = false, manager = managerOf(site) }: {
    agent?: string;
    setLastSync?: boolean;
    manager?: Key;
  } = {},
): Promise<Key> {
  const { door, http } = doorOf(site, manager);
  try {
    const provisioner = new SiteProvisioner(door, { agent, setLastSync });
    for (const step of await provisioner.missing()) await step.apply();
    return await provisioner.giveKey();
  } finally {
    http.stop();
  }
}

const images = new Map<number, { readonly image: Image; readonly key: Key }>();

/** A site that is set up and started; the second one of a version is a copy of the first. */
export async function readySite(options: SiteOptions = {}): Promise<{ site: FakeSite; key: Key }> {
  const { version = 15 } = options;
  const known = images.get(version) ?? await made(version);
  images.set(version, known);
  const site = new FakeSite({ ...options, image: known.image });
  site.start();
  return { site, key: known.key };
}

async function made(version: 15 | 16): Promise<{ image: Image; key: Key }> {
  const site = new FakeSite({ version });
  site.start();
  try {
    const key = await setUp(site);
    return { image: site.image(), key };
  } finally {
    await site.stop();
  }
}
