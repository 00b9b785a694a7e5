/**
 * The networks this machine is on: which of its addresses terminals can call, and whether an address is
 * lent by a router. Owns the proposal for the terminals' network; must not know who asks.
 */
import type { Log } from "../base/log.ts";

export interface OwnNetwork {
  /** e.g. eth0 */
  readonly name: string;
  readonly address: string;
  /** e.g. 192.168.1.0/24 */
  readonly network: string;
  readonly mac: string;
}

/** In the order of the system: IPv4, without this machine's own loop and without bridges of containers. */
export function ownNetworks(
  interfaces: readonly Deno.NetworkInterfaceInfo[],
): OwnNetwork[] {
  return interfaces.filter(({ family, name, address }) =>
    family === "IPv4" && !/^(lo|docker|br-|veth|virbr|tun|tap|wg)/.test(name) &&
    isPrivateAddress(address)
  ).map(({ name, address, cidr, mac }) => ({
    name,
    address,
    network: networkOf(address, Number(cidr?.split("/")[1] ?? 24)),
    mac,
  }));
}

/** What a person types in a terminal's menu; where to look for it while the machine has no address that a terminal can call. */
export function menuLines(networks: readonly OwnNetwork[], port: number): string[] {
  const rest = `port ${port}   HTTPS off   proxy off`;
  if (networks.length > 0) {
    return networks.map(({ address }) => `    server address ${address}   ${rest}`);
  }
  return [
    `    server address of this machine   ${rest}`,
    "This machine has no address in a branch's own network yet (10., 172.16. to 172.31., 192.168.): look at the " +
    "cable and the router; `biometric-agent status` shows it once it is there.",
  ];
}

/** None where the start flags are older than the question. */
export function networkInterfaces(log: Log): readonly Deno.NetworkInterfaceInfo[] {
  try {
    return Deno.networkInterfaces();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    log.warn("the start flags do not allow asking for the machine's networks");
    return [];
  }
}

/** Of RFC 1918: a branch's own network. */
export function isPrivateAddress(address: string): boolean {
  return /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(address);
}

function networkOf(address: string, bits: number): string {
  const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - bits);
  const first = Math.floor(number / size) * size;
  const parts = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
  return `${parts.join(".")}/${bits}`;
}

/** Whether `ip -j -4 address` says that the address was lent; null when it says nothing of it. */
export function isLent(ipJson: string, address: string): boolean | null {
  const found = [...ipJson.matchAll(/\{[^{}]*"local"\s*:\s*"([^"]+)"[^{}]*\}/g)]
    .find(([, local]) => local === address)?.[0];
  return found === undefined ? null : /"dynamic"\s*:\s*true/.test(found);
}
