/**
 * npm run compile [-- --out FOLDER --architecture NAME --update-root ROOT.json --commit ID]
 * Makes the one file that is laid on a machine, dist/biometric-agent-VERSION-aarch64 and -x86_64: the
 * pinned Deno, the bundled program, and what the file says of itself (version, commit, permissions, SBOM,
 * digest). Owns the order of the steps; must not know the ELF, the bundle or where Deno comes from.
 */
import { parseArgs } from "node:util";
import { z } from "zod";
import { DEFAULT_CONFIG_PATH } from "../../edge_agent/base/config.ts";
import { configSchema } from "../../edge_agent/base/config_schema.ts";
import { denoFlags } from "../../edge_agent/machine/permissions.ts";
import { PROGRAM } from "../../edge_agent/machine/layout.ts";
import type { Manifest } from "../../edge_agent/machine/packed_file.ts";
import { bundle } from "../bundle.ts";
import { repository } from "../cache.ts";
import { run, which } from "../process.ts";
import { sbomOf } from "../sbom.ts";
import { main, Trouble } from "../trouble.ts";
import { packElf } from "./elf.ts";
import { type Architecture, ARCHITECTURES, denoFor } from "./runtime.ts";
import { ORDINARY_FLAGS, packedTail, PRIVILEGED_FLAGS, PRIVILEGED_WORDS } from "./tail.ts";

export interface Compiled {
  readonly path: string;
  readonly bytes: number;
}

export interface CompileOptions {
  /** Folder for the file. */
  readonly out: string;
  readonly architecture: Architecture;
  /** Instead of the product's own: for tests of updates. */
  readonly version?: string;
  /** Signed root document that the file trusts for updates. */
  readonly updateRoot?: Manifest["updateRoot"];
  /** What the file calls its commit; the checkout's own where not said. */
  readonly commit?: string | undefined;
  /** Instead of the product's own program. */
  readonly program?: Uint8Array<ArrayBuffer>;
}

export async function compile(options: CompileOptions): Promise<Compiled> {
  const { out, architecture } = options;
  const version = options.version ?? (await product()).version;
  const program = options.program ?? await bundledProgram(version);
  const executable = packElf(await Deno.readFile(await denoFor(architecture)), {
    program: await Deno.readFile(`${repository}/dev/pack/loader.js`),
    ordinary: ORDINARY_FLAGS,
    privileged: PRIVILEGED_FLAGS,
    privilegedWords: PRIVILEGED_WORDS,
  });
  const tail = packedTail(executable, program, await manifest(version, options));
  await Deno.mkdir(out, { recursive: true });
  const path = `${out}/biometric-agent-${version}-${architecture}`;
  using file = await Deno.open(`${path}.part`, { write: true, create: true, truncate: true });
  for (const bytes of [executable, tail]) {
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
  }
  await Deno.chmod(`${path}.part`, 0o755);
  await Deno.rename(`${path}.part`, path);
  return { path, bytes: executable.length + tail.length };
}

async function product(): Promise<{ name: string; version: string }> {
  const text = await Deno.readTextFile(`${repository}/package.json`);
  return z.object({ name: z.string(), version: z.string() }).parse(JSON.parse(text));
}

/** Minified: half the size, and what is read at every start. */
async function bundledProgram(version: string): Promise<Uint8Array<ArrayBuffer>> {
  const folder = await Deno.makeTempDir({ prefix: "biometric-pack-" });
  try {
    const { file } = await bundle(`${folder}/biometric-agent.js`, { minify: true, version });
    return await Deno.readFile(file);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function manifest(
  version: string,
  { architecture, updateRoot = null, commit }: CompileOptions,
): Promise<Omit<Manifest, "sha256">> {
  const lock = await Deno.readTextFile(`${repository}/package-lock.json`);
  const { name } = await product();
  return {
    name: "biometric-agent",
    version,
    commit: commit ?? await ownCommit(),
    deno: Deno.version.deno,
    architecture,
    updateRoot,
    permissions: {
      ordinary: [...ORDINARY_FLAGS],
      privileged: [...PRIVILEGED_FLAGS],
      privilegedWords: [...PRIVILEGED_WORDS],
      service: denoFlags({
        config: configSchema.parse({}),
        configPath: DEFAULT_CONFIG_PATH,
        programFolder: PROGRAM.slice(0, PROGRAM.lastIndexOf("/")),
        programFile: PROGRAM,
        destinationUrls: [],
      }),
    },
    sbom: sbomOf(lock, { name, version }) as Manifest["sbom"],
  };
}

/** A builder of images has neither git nor the checkout's history. */
async function ownCommit(): Promise<string> {
  if (await which("git") === null) return "unknown";
  const { code, stdout } = await run(["git", "rev-parse", "HEAD"], { cwd: repository });
  return code === 0 ? stdout.trim() : "unknown";
}

function chosen(name: string | undefined): readonly Architecture[] {
  if (name === undefined) return ARCHITECTURES;
  const known = ARCHITECTURES.find((one) => one === name);
  if (known === undefined) {
    throw new Trouble(`There is no architecture ${name}; there are ${ARCHITECTURES.join(", ")}.`);
  }
  return [known];
}

if (import.meta.main) {
  await main(async () => {
    const { values } = parseArgs({
      args: Deno.args.filter((arg) => arg !== "--"),
      options: {
        out: { type: "string" },
        architecture: { type: "string" },
        "update-root": { type: "string" },
        commit: { type: "string" },
      },
    });
    const out = values.out ?? `${repository}/dist`;
    const root = values["update-root"];
    const updateRoot = root === undefined ? null : JSON.parse(await Deno.readTextFile(root));
    for (const architecture of chosen(values.architecture)) {
      const { commit } = values;
      const { path, bytes } = await compile({ out, architecture, updateRoot, commit });
      console.log(`${path}: ${(bytes / 1e6).toFixed(1)} MB`);
    }
    return 0;
  });
}
