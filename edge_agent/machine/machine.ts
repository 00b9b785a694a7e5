/**
 * What the agent is on its machine: its start flags and its word to systemd. Door of the room; must not know
 * what the agent does.
 */
export { type Manifest, NotWhole, provenManifest, readManifest } from "./packed_file.ts";
export { denoFlags, pairingFiles } from "./permissions.ts";
export { Systemd } from "./systemd.ts";
