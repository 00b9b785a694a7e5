/** `version`: which program this is; of the one-file program also all that the file says of itself. */
import { VERSION } from "../base/version.ts";
import { NotWhole, provenManifest, readManifest } from "../machine/machine.ts";
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE } from "./command.ts";

export interface Asked {
  readonly programFile: string | null;
  readonly args: readonly string[];
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** `version [--json | --verify]`; needs no configuration. Returns the exit code. */
export async function tellVersion({ programFile, args, out, err }: Asked): Promise<number> {
  const [option] = args;
  if (option !== undefined && option !== "--json" && option !== "--verify") {
    err("usage: biometric-agent version [--json | --verify]\n");
    return EXIT_USAGE;
  }
  const runtime = Deno.version.deno;
  if (programFile === null) {
    const plain = { name: "biometric-agent", version: VERSION, deno: runtime };
    out(option === "--json" ? `${JSON.stringify(plain)}\n` : firstLine("", runtime));
    return EXIT_OK;
  }
  try {
    const manifest = option === "--verify"
      ? await provenManifest(programFile)
      : readManifest(programFile);
    const text = `, commit ${manifest.commit.slice(0, 12)}, ${manifest.architecture}`;
    out(option === "--json" ? `${JSON.stringify(manifest)}\n` : firstLine(text, runtime));
    if (option === "--verify") out(`whole: sha256 ${manifest.sha256}\n`);
    return EXIT_OK;
  } catch (error) {
    if (!(error instanceof NotWhole)) throw error;
    err(`${programFile}: ${error.message}\n`);
    return EXIT_FAILED;
  }
}

const firstLine = (more: string, runtime: string) =>
  `biometric-agent ${VERSION} (deno ${runtime}${more})\n`;
