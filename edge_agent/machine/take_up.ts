/**
 * A version that waits, or that a person carries, becomes the one on trial: everything is proven again, with
 * what root remembers, before it is laid. The agent's own word is not taken: whoever has its account must not
 * be able to lay a program. Owns the second proof; must not know who started it.
 */
import type { Clock } from "../base/clock.ts";
import { UPDATE_FOLDER, UPDATE_REQUEST } from "./layout.ts";
import {
  type Envelope,
  firstTrust,
  newerFile,
  proveMetadata,
  type Trust,
  trustSchema,
  Untrusted,
} from "./metadata.ts";
import { NotWhole, provenManifest, sha256OfFile } from "./packed_file.ts";
import type { Candidate } from "./trial.ts";

/** Metadata of a year of releases has some 100 kB. */
const MAX_METADATA_BYTES = 4 * 1024 * 1024;

export interface Running {
  readonly version: string;
  readonly architecture: string;
  /** What its file trusts. */
  readonly root: Envelope | null;
}

export interface TakeUpOptions {
  /** Root's own folder: what was seen, and the copy that is laid. */
  readonly trustFolder: string;
  readonly running: Running;
  readonly clock: Pick<Clock, "now">;
}

/** Null when nothing waits there. Throws Untrusted or NotWhole; then nothing of it may be used. */
export async function waitingCandidate(
  dataDirectory: string,
  options: TakeUpOptions,
): Promise<Candidate | null> {
  const folder = `${dataDirectory}/${UPDATE_FOLDER}`;
  if (readText(`${folder}/${UPDATE_REQUEST}`) === null) return null;
  return await carriedCandidate(folder, options);
}

/** Of a folder with metadata.json and the file, whatever that is called. */
export async function carriedCandidate(
  folder: string,
  { trustFolder, running, clock }: TakeUpOptions,
): Promise<Candidate> {
  const { root, version, architecture } = running;
  if (root === null) {
    throw new NotWhole(
      "this version was made without a root of trust: lay the new file with install",
    );
  }
  const text = readText(`${folder}/metadata.json`);
  if (text === null) throw new NotWhole(`${folder} holds no metadata.json`);
  const kept = trustSchema.safeParse(parsed(readText(`${trustFolder}/trust.json`))).data;
  const proven = proveMetadata(parsed(text), kept ?? firstTrust(root), clock.now());
  const file = newerFile(proven.files, { architecture, version });
  if (file === null) {
    throw new NotWhole(`nothing there is newer than ${version} for ${architecture}`);
  }
  const source = await fileWith(folder, file.sha256, file.length);
  const manifest = await provenManifest(source);
  if (manifest.architecture !== architecture || manifest.version !== file.version) {
    throw new NotWhole(
      `the file is ${manifest.version} for ${manifest.architecture}, not ${file.version} for ${architecture}`,
    );
  }
  keepTrust(trustFolder, proven.trust);
  return { file: source, version: file.version, sha256: file.sha256 };
}

async function fileWith(folder: string, sha256: string, length: number): Promise<string> {
  for (const { name } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    const info = Deno.lstatSync(path);
    if (info.isFile && info.size === length && await sha256OfFile(path) === sha256) return path;
  }
  throw new NotWhole(`${folder} does not hold the file that was signed, whole`);
}

/** What was taken up, or refused, waits no longer. */
export function dropWaiting(dataDirectory: string): void {
  const folder = `${dataDirectory}/${UPDATE_FOLDER}`;
  try {
    for (const { name, isFile } of [...Deno.readDirSync(folder)]) {
      const waits = name === UPDATE_REQUEST || name === "metadata.json" ||
        /^[0-9a-f]{64}/.test(name);
      if (isFile && waits) Deno.removeSync(`${folder}/${name}`);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function keepTrust(folder: string, trust: Trust): void {
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = `${folder}/trust.json`;
  const file = Deno.openSync(`${path}.part`, {
    write: true,
    create: true,
    truncate: true,
    mode: 0o600,
  });
  const bytes = new TextEncoder().encode(JSON.stringify(trust));
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  file.syncSync();
  file.close();
  Deno.renameSync(`${path}.part`, path);
}

function readText(path: string): string | null {
  try {
    if (Deno.statSync(path).size > MAX_METADATA_BYTES) throw new NotWhole(`${path} is too large`);
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function parsed(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new Untrusted("malformed", "this is no JSON");
    throw error;
  }
}
