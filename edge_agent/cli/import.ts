/** `import`: lays an export carried by hand into the agent's folder and has it taken in at once. */
import { parseArgs } from "node:util";
import { SERIAL } from "../base/terminal.ts";
import { type Imported, MAX_FILE_BYTES, readFileName } from "../usb/usb.ts";
import {
  type Command,
  EXIT_FAILED,
  EXIT_OK,
  Failed,
  makeDataDirectory,
  Misused,
  perform,
  printable,
} from "./command.ts";

export const importCommand: Command = {
  usage: "import FILE [--serial SN]",
  summary: "take in a terminal's USB export (attlog.dat, SERIAL_attlog.dat, gzip too)",
  help: `FILE - reads standard input, which needs no further right:
    import - --serial SN < /media/usb/attlog.dat
The serial number is that of the terminal's menu; a name SERIAL_attlog.dat says it as well. A short
number before _attlog.dat (1_attlog.dat) is what the terminal calls itself, not its serial number.
The file's punches are marked as carried by hand; taking the same file twice is harmless.`,
  run: async (args, world) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { serial: { type: "string" } },
      allowPositionals: true,
    });
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) throw new Misused("say which file");
    const serial = serialOf(file, values.serial);
    makeDataDirectory(world.config);
    const name = spoolName(serial, await readBytes(file), `${world.config.dataDirectory}/usb`);
    const done = await perform(world.config, "import_file", { name }) as Imported;
    if (done.refused !== null) {
      world.err(`refused: ${printable(done.refused)}\n`);
      return EXIT_FAILED;
    }
    world.out(`${done.read} lines, ${done.new} new, ${done.known} known by file already\n`);
    for (const line of done.badLines) world.out(`line ${line} could not be read; see rejects\n`);
    return EXIT_OK;
  },
};

/** Throws Misused when neither says it, or they differ. */
function serialOf(file: string, given: string | undefined): string {
  const named = readFileName(file.slice(file.lastIndexOf("/") + 1))?.serial ?? null;
  const serial = given ?? named;
  if (serial === null) {
    throw new Misused("which terminal is it of? Its name does not say it: add --serial SN");
  }
  if (!SERIAL.test(serial)) throw new Misused(`${serial} is no serial number`);
  if (named !== null && named !== serial) throw new Misused(`the file is of terminal ${named}`);
  return serial;
}

async function readBytes(file: string): Promise<Uint8Array> {
  const stream = file === "-" ? Deno.stdin.readable : await open(file);
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of stream) {
    parts.push(part);
    size += part.length;
    if (size > MAX_FILE_BYTES) throw new Failed(`it is larger than ${MAX_FILE_BYTES >> 20} MiB`);
  }
  return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
}

async function open(file: string): Promise<ReadableStream<Uint8Array>> {
  try {
    return (await Deno.open(file, { read: true })).readable;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      throw new Failed("the start flags do not allow reading it: use  import - --serial SN < FILE");
    }
    throw new Failed(`${file} cannot be read`);
  }
}

/**
 * Written under a name that is not looked at, then renamed: the agent never sees a part. The folder in the
 * folder says whose it is, whatever the file was called.
 */
function spoolName(serial: string, bytes: Uint8Array, folder: string): string {
  Deno.mkdirSync(`${folder}/${serial}`, { recursive: true, mode: 0o700 });
  const name = `attlog-${crypto.randomUUID()}.dat`;
  Deno.writeFileSync(`${folder}/${serial}/.${name}.part`, bytes, { mode: 0o600 });
  Deno.renameSync(`${folder}/${serial}/.${name}.part`, `${folder}/${serial}/${name}`);
  return `${serial}/${name}`;
}
