/**
 * Odoo as a destination and as what gives orders. Door of the room; must not know how punches are captured.
 */
export { accessOf } from "./access.ts";
export { Witness } from "./countersign.ts";
export { brokenHead, HeadChain, printedHeads, readHeads } from "./heads.ts";
export { OdooHoldings } from "./holdings.ts";
export { Identity, IdentityDamaged } from "./identity.ts";
export {
  type Branch,
  type Provisioned,
  Provisioner,
  ProvisionFault,
  readBranches,
} from "./provision.ts";
export { Remembered } from "./remembered.ts";
export { Odoo } from "./routes.ts";
export type { PairAnswer } from "./shapes.ts";
export { Control } from "./sync.ts";
export { UpdateFiles } from "./update_files.ts";
