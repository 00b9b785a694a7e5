/**
 * ERPNext with Frappe HR as a destination, over its REST API alone. Door of the room; must not know how
 * punches are captured.
 */
export {
  forgetSiteAccess,
  keepSiteAccess,
  readSiteAccess,
  requireSafeSite,
  SiteAccessDamaged,
} from "./access.ts";
export { siteControl, siteParts } from "./parts.ts";
export { PROMISES } from "./promises.ts";
export { probeSite } from "./probe.ts";
export { proveSetUp, SetUpFault, SiteProvisioner } from "./provision.ts";
export { Refused, Site } from "./site.ts";
