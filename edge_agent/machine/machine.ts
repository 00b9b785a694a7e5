/**
 * What the agent is on its machine: its one file and the places it lies in, its start flags, its networks, and
 * its word to systemd. Door of the room; must not know what the agent does.
 */
export { MachineCare } from "./care.ts";
export { HostFault, layText, runProgram, tryProgram } from "./host.ts";
export {
  COMMAND_FILE,
  COMMAND_TEXT,
  PROGRAM,
  PROGRAM_FOLDER,
  SERVICE,
  SERVICE_USER,
  TRUST_FOLDER,
  UNIT_FOLDER,
  units,
  UPDATE_PATH_UNIT,
  UPDATE_SERVICE,
} from "./layout.ts";
export { rootOf, Untrusted } from "./metadata.ts";
export { isLent, isPrivateAddress, menuLines, type OwnNetwork, ownNetworks } from "./network.ts";
export {
  type Manifest,
  NotWhole,
  provenManifest,
  readManifest,
  sha256OfFile,
} from "./packed_file.ts";
export { denoFlags, pairingFiles } from "./permissions.ts";
export { DiskSlotFiles } from "./slot_files.ts";
export { Slots } from "./slots.ts";
export { Systemd } from "./systemd.ts";
export { carriedCandidate, dropWaiting, type TakeUpOptions, waitingCandidate } from "./take_up.ts";
export { type ServiceView, Trials } from "./trial.ts";
