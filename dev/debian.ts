// Owns: what comes from Debian: missing packages of the machine's own release, and files of the next
// one (sid) unpacked into a private folder without installing anything. Must not know: Odoo's options.
// The machine's apt sources, lists, preferences and Python stay as they are.

import { isRoot, withLock } from "./cache.ts";
import { mustRun, run, which } from "./process.ts";
import { Trouble } from "./trouble.ts";

/** A person without Debian, or without its archive, can still run everything in containers. */
export const COMPOSE_HINT =
  "With Docker, `docker compose up` brings up the same from compose.yaml; " +
  "or set ODOO_BIN to an Odoo 19 that is already installed.";

const CLUSTER_FOLDER = "/etc/postgresql-common/createcluster.d";
const CLUSTER_FILE = `${CLUSTER_FOLDER}/biometric-attendance.conf`;

async function missing(packages: readonly string[]): Promise<string[]> {
  const query = await run(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\\n"]);
  const installed = new Set(
    query.stdout.split("\n").filter((line) => line.endsWith(" installed"))
      .map((line) => line.split(" ")[0]),
  );
  return packages.filter((name) => !installed.has(name));
}

async function privilege(packages: readonly string[]): Promise<string[]> {
  if (isRoot) return [];
  if (await which("sudo") && (await run(["sudo", "-n", "true"])).code === 0) return ["sudo", "-n"];
  throw new Trouble(
    "These Debian packages are missing and only root can install them. Run this once, then try again:\n" +
      `  apt-get install --no-install-recommends ${packages.join(" ")}`,
  );
}

/**
 * Installs what is missing; `optional` names that this release does not have are left out. `soon` is
 * what the next steps will ask for: told along, so that nobody has to call root three times.
 */
export async function ensurePackages(
  packages: readonly string[],
  optional: readonly string[] = [],
  soon: readonly string[] = [],
): Promise<number> {
  if (!await which("apt-get") || !await which("dpkg-query")) {
    throw new Trouble(`This is not a Debian machine: there is no apt-get. ${COMPOSE_HINT}`);
  }
  if ((await missing([...packages, ...optional])).length === 0) return 0;
  return await withLock("apt", async () => {
    const wanted = await missing([...packages, ...await available(optional)]);
    const told = [...wanted, ...await missing(soon)];
    if (wanted.length > 0) await install(wanted, await privilege(told));
    return wanted.length;
  });
}

async function available(packages: readonly string[]): Promise<string[]> {
  const shown = await run(["apt-cache", "show", "--no-all-versions", ...packages]);
  const known = new Set(
    shown.stdout.split("\n").filter((line) => line.startsWith("Package: "))
      .map((line) => line.slice("Package: ".length)),
  );
  return packages.filter((name) => known.has(name));
}

async function install(packages: readonly string[], root: readonly string[]): Promise<void> {
  // A new server package makes and starts a system cluster unless this says no. We run our own.
  const withServer = packages.some((name) => name.startsWith("postgresql"));
  if (withServer) {
    await mustRun([...root, "mkdir", "-p", CLUSTER_FOLDER]);
    await mustRun([...root, "tee", CLUSTER_FILE], { input: "create_main_cluster = false\n" });
  }
  try {
    const update = await run([...root, "apt-get", "update", "-q"]);
    const result = await run([
      ...root,
      "env",
      "DEBIAN_FRONTEND=noninteractive",
      "apt-get",
      "install",
      "-q",
      "-y",
      "--no-install-recommends",
      "-o",
      "Dpkg::Options::=--force-confold",
      ...packages,
    ], { letFinish: true });
    if (result.code === 0) return;
    const said = `${update.stderr}\n${result.stderr}`.trim().split("\n").slice(-8).join("\n");
    throw new Trouble(
      `apt-get could not install the packages Odoo needs:\n${said}\n` +
        `Mend apt (network, disk, another apt running?) and try again, or see to it by hand:\n` +
        `  apt-get install --no-install-recommends ${packages.join(" ")}`,
    );
  } finally {
    if (withServer) {
      await mustRun([...root, "rm", "-f", CLUSTER_FILE]);
      await run([...root, "rmdir", CLUSTER_FOLDER]);
    }
  }
}

interface Source {
  readonly uri: string;
  readonly signedBy: string;
}

/** The machine's own Debian mirror, as apt itself understands its sources. */
async function ownMirror(): Promise<Source> {
  const format = "$(REPO_URI)|$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(SIGNED_BY)";
  const targets = await mustRun([
    "apt-get",
    "indextargets",
    "--format",
    format,
    "Created-By: Packages",
  ]);
  const rows = targets.split("\n").map((line) => line.split("|"));
  const main = rows.filter((row) => row[3] === "main");
  const found = main.find((row) => row[1] === "Debian" && row[2] === "Debian") ??
    main.find((row) => /\/debian\/?$/.test(row[0] ?? ""));
  if (!found?.[0]) {
    throw new Trouble(`apt has no Debian archive among its sources. ${COMPOSE_HINT}`);
  }
  const given = found[4] ?? "";
  const signedBy = given.startsWith("/") ? given : "/usr/share/keyrings/debian-archive-keyring.gpg";
  return { uri: found[0], signedBy };
}

/**
 * Options that give apt a state of its own under `folder` and a single source. Signatures are checked;
 * an index that has outlived its week is taken too, as frozen mirrors of the archive offer it.
 */
function privateApt(folder: string, architecture?: string): string[] {
  const foreign = architecture === undefined ? [] : [
    `APT::Architecture=${architecture}`,
    `APT::Architectures=${architecture}`,
    "Dir::State::status=/dev/null",
  ];
  const options = [
    ...foreign,
    `Dir::Etc::sourcelist=${folder}/sid.sources`,
    "Dir::Etc::sourceparts=/dev/null",
    "Dir::Etc::preferences=/dev/null",
    "Dir::Etc::preferencesparts=/dev/null",
    `Dir::State::Lists=${folder}/lists`,
    `Dir::Cache=${folder}/cache`,
    "Acquire::Languages=none",
    "Acquire::Check-Valid-Until=false",
    "APT::Sandbox::User=",
  ];
  return options.flatMap((option) => ["-o", option]);
}

/** Reads sid's index into a state of its own below `folder`; the options that every apt command there takes. */
async function openSid(folder: string, architecture?: string): Promise<string[]> {
  for (const part of ["lists/partial", "cache/archives/partial", "debs"]) {
    await Deno.mkdir(`${folder}/${part}`, { recursive: true });
  }
  const mirror = await ownMirror();
  await Deno.writeTextFile(
    `${folder}/sid.sources`,
    `Types: deb\nURIs: ${mirror.uri}\nSuites: sid\nComponents: main\nSigned-By: ${mirror.signedBy}\n`,
  );
  const apt = privateApt(folder, architecture);
  const update = await run(["apt-get", "-q", ...apt, "update"]);
  if (update.code !== 0) {
    const said = update.stderr.trim().split("\n").slice(-4).join("\n");
    throw new Trouble(`apt could not read the index of Debian's sid:\n${said}\n${COMPOSE_HINT}`);
  }
  return apt;
}

/**
 * Unpacks into `root` the packages of sid for another kind of machine whose names fit one of `wanted`; nothing is
 * installed. Of names that differ in numbers alone the highest is taken.
 */
export async function unpackForeign({ root, folder, architecture, wanted }: {
  readonly root: string;
  readonly folder: string;
  readonly architecture: string;
  readonly wanted: readonly RegExp[];
}): Promise<void> {
  const apt = await openSid(folder, architecture);
  const names = (await mustRun(["apt-cache", ...apt, "pkgnames"])).split("\n");
  const chosen = new Map<string, string>();
  for (const name of names.filter((one) => wanted.some((pattern) => pattern.test(one)))) {
    const kind = name.replace(/\d+/g, "0");
    const known = chosen.get(kind) ?? "";
    const isHigher = known.localeCompare(name, "en", { numeric: true }) < 0;
    if (isHigher) chosen.set(kind, name);
  }
  const debs = `${folder}/debs`;
  await mustRun(["apt-get", "-q", ...apt, "download", ...chosen.values()], { cwd: debs });
  for await (const { name } of Deno.readDir(debs)) {
    await mustRun(["dpkg-deb", "-x", `${debs}/${name}`, root]);
  }
  await Deno.remove(folder, { recursive: true });
}

/**
 * Downloads packages of sid (`next`) and of the machine's release (`own`) and unpacks all into `root`.
 * Returns the names of the files, which carry the versions.
 */
export async function unpackInto(
  root: string,
  folder: string,
  next: readonly string[],
  own: readonly string[],
): Promise<string[]> {
  const debs = `${folder}/debs`;
  const apt = await openSid(folder);
  const download = await run(["apt-get", "-q", ...apt, "download", ...next], { cwd: debs });
  if (download.code !== 0) {
    const said = download.stderr.trim().split("\n").slice(-6).join("\n");
    throw new Trouble(
      `The Debian archive did not give these packages: ${
        next.join(" ")
      }.\n${said}\n${COMPOSE_HINT}`,
    );
  }
  return await unpackOwn(root, debs, own);
}

/**
 * Unpacks packages of the machine's own release, and what lies in `debs` already, into `root` without
 * installing anything. Returns the names of the files.
 */
export async function unpackOwn(
  root: string,
  debs: string,
  packages: readonly string[],
): Promise<string[]> {
  await mustRun(["apt-get", "-q", "-o", "APT::Sandbox::User=", "download", ...packages], {
    cwd: debs,
  });
  const names = (await Array.fromAsync(Deno.readDir(debs))).map((entry) => entry.name).sort();
  for (const name of names) await mustRun(["dpkg-deb", "-x", `${debs}/${name}`, root]);
  await mustRun(["chmod", "-R", "a+rX", root]);
  return names;
}
