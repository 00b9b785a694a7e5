/**
 * Everything that speaks to one site, put together from the agent's books. Owns no rule; agent.ts starts and
 * stops it. Must not know terminals.
 */
import { SiteControl, type SiteControlOptions } from "./control.ts";
import { Erpnext } from "./deliver.ts";
import { SiteFacts } from "./facts.ts";
import { ErpnextHoldings } from "./holdings.ts";
import { People } from "./people.ts";
import { Site, type SiteOptions } from "./site.ts";
import { SiteUsers } from "./users.ts";

/** The parts that deliver to one site. */
export function siteParts(options: SiteOptions, clock: SiteControlOptions["clock"]) {
  const site = new Site(options);
  const facts = new SiteFacts(site, clock);
  const people = new People(site, clock);
  return {
    site,
    facts,
    people,
    destination: new Erpnext({ site, facts, people, clock }),
    holdings: new ErpnextHoldings(site),
    users: new SiteUsers(site),
  };
}

export function siteControl(
  { site, facts, people, holdings }: ReturnType<typeof siteParts>,
  options: Omit<SiteControlOptions, "site" | "facts" | "people" | "holdings">,
): SiteControl {
  return new SiteControl({ ...options, site, facts, people, holdings });
}
