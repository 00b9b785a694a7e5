/**
 * ERPNext with Frappe HR as a destination, over its REST API alone. Door of the room; must not know how
 * punches are captured.
 */
import type { Clock } from "../base/clock.ts";
import { Erpnext } from "./deliver.ts";
import { SiteFacts } from "./facts.ts";
import { People } from "./people.ts";
import { Site, type SiteOptions } from "./site.ts";

export {
  forgetSiteAccess,
  keepSiteAccess,
  readSiteAccess,
  requireSafeSite,
  type SiteAccess,
  SiteAccessDamaged,
} from "./access.ts";
export { probeSite } from "./probe.ts";
export { proveSetUp, SetUpFault, SiteProvisioner, type Step, userOf } from "./provision.ts";
export { Refused, Site } from "./site.ts";

/** The parts that deliver to one site. */
export function siteParts(options: SiteOptions, clock: Pick<Clock, "monotonic" | "now">) {
  const site = new Site(options);
  const facts = new SiteFacts(site, clock);
  const people = new People(site, clock);
  return { site, facts, people, destination: new Erpnext({ site, facts, people, clock }) };
}
