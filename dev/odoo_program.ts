// Owns: finding an Odoo 19 (ODOO_BIN, PATH, or unpacked from Debian) and the command line that runs
// it. Must not know: what a database of it is for.

import { needDisk, openCache, withLock } from "./cache.ts";
import { ensurePackages, unpackInto } from "./debian.ts";
import { mustRun, run, which } from "./process.ts";
import { step, Trouble } from "./trouble.ts";

/** Python packages of bookworm that Odoo 19 accepts; /usr/bin/python3 runs it. */
const PYTHON_PACKAGES =
  "asn1crypto babel cbor2 chardet cryptography dateutil docutils geoip2 gevent greenlet idna jinja2 libsass lxml markupsafe num2words ofxparse openpyxl openssl pil polib psutil psycopg2 pypdf tz qrcode reportlab requests rjsmin serial stdnum urllib3 usb vobject werkzeug xlrd xlsxwriter xlwt zeep freezegun magic passlib websocket"
    .split(" ").map((name) => `python3-${name}`);
const OTHER_PACKAGES =
  "python3 fonts-font-awesome fonts-roboto-unhinted fonts-inconsolata libjs-jquery libjs-underscore"
    .split(" ");
/** What makes PDFs of reports. A patched build that somebody installed by hand is left in peace. */
const PRINTER = "wkhtmltopdf";
/** Of help where the release has them; newer releases dropped some. */
const OPTIONAL_PACKAGES = ["python3-pypdf2", "python3-coverage"];

const FROM_SID =
  "odoo-19 fonts-montserrat libjs-jquery libjs-jquery-form libjs-underscore fonts-ocr-b fonts-roboto-unhinted fonts-inconsolata"
    .split(" ");
/** sid's font-awesome no longer holds the web fonts Odoo's style sheets name. */
const FROM_OWN_RELEASE = ["fonts-font-awesome"];

export interface OdooProgram {
  /** Program and first arguments. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Odoo's own addons, to be named before ours. */
  readonly addons: readonly string[];
  /** Changes whenever the program does: part of every template's name. */
  readonly version: string;
  readonly origin: string;
}

async function versionOf(command: readonly string[], env: Record<string, string>): Promise<string> {
  const cache = await openCache();
  const answer = await run(cache.ordinary([...command, "--version"]), {
    env: { ...cache.env, ...env },
    cwd: cache.path,
    timeoutMs: 60_000,
  });
  return answer.stdout.trim();
}

const is19 = (version: string): boolean => /\b19\.\d/.test(version);

async function holdsAddons(folder: string): Promise<boolean> {
  try {
    return (await Deno.stat(`${folder}/hr_attendance/__manifest__.py`)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Where a given program keeps its addons: beside it (a checkout) or in Python's own folders. */
async function addonsOf(program: string): Promise<string[]> {
  const folder = (await Deno.realPath(program)).replace(/\/[^/]*$/, "");
  const installed = await run(["/usr/bin/python3", "-c", "import odoo; print(odoo.__path__[0])"], {
    env: { PYTHONPATH: "" },
  });
  const candidates = [
    Deno.env.get("ODOO_ADDONS") ?? "",
    `${folder}/addons`,
    `${folder}/odoo/addons`,
    `${installed.stdout.trim()}/addons`,
  ];
  for (const candidate of candidates) {
    if (candidate && await holdsAddons(candidate)) return [candidate];
  }
  throw new Trouble(
    `${program} is an Odoo 19, but its addons were not found. Set ODOO_ADDONS to the folder that ` +
      "holds hr_attendance.",
  );
}

async function givenOdoo(program: string): Promise<OdooProgram | null> {
  const version = await versionOf([program], {});
  if (!is19(version)) return null;
  return { command: [program], env: {}, addons: await addonsOf(program), version, origin: program };
}

/** For tests that print: an Odoo of one's own may come without it, and prints as soon as it is there. */
export async function ensurePrinter(): Promise<void> {
  if (!await which(PRINTER)) await ensurePackages([PRINTER]);
}

/** An Odoo 19 that can be run, fetched when the machine has none. */
export async function findOdoo(): Promise<OdooProgram> {
  const named = Deno.env.get("ODOO_BIN");
  if (named) {
    const found = await givenOdoo(named);
    if (found) return found;
    throw new Trouble(`ODOO_BIN names ${named}, which is not an Odoo 19 that runs here.`);
  }
  const onPath = await which("odoo");
  const found = onPath === null ? null : await givenOdoo(onPath);
  return found ?? await debianOdoo();
}

async function debianOdoo(): Promise<OdooProgram> {
  const cache = await openCache();
  const printer = await which(PRINTER) ? [] : [PRINTER];
  const needed = [...PYTHON_PACKAGES, ...OTHER_PACKAGES, ...printer];
  await ensurePackages(needed, OPTIONAL_PACKAGES, ["postgresql", "chromium"]);
  const root = `${cache.path}/odoo`;
  const packages = `${root}/usr/lib/python3/dist-packages`;
  const stamp = `${root}/.complete`;
  const complete = () => Deno.readTextFile(stamp).catch(() => null);
  const version = await complete() ??
    await withLock(
      "odoo",
      async () =>
        await complete() ??
          await step("Fetching Odoo 19 from Debian", () => fetchOdoo(root, stamp)),
    );
  return {
    command: ["/usr/bin/python3", `${root}/usr/bin/odoo`],
    env: { PYTHONPATH: packages },
    addons: [`${packages}/odoo/addons`],
    version,
    origin: root,
  };
}

async function fetchOdoo(root: string, stamp: string): Promise<string> {
  await needDisk(3);
  const cache = await openCache();
  const folder = `${cache.path}/tmp/odoo-fetch-${Deno.pid}`;
  const fresh = `${folder}/root`;
  let files: string[];
  try {
    await Deno.mkdir(fresh, { recursive: true });
    files = await unpackInto(fresh, folder, FROM_SID, FROM_OWN_RELEASE);
    await stubSelfie(`${fresh}/usr/lib/python3/dist-packages/odoo/addons`);
    await mustRun(["/usr/bin/python3", "-m", "compileall", "-q", "-j", "0", fresh]);
    await Deno.remove(root, { recursive: true }).catch(() => {});
    await Deno.rename(fresh, root);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  const said = await versionOf(["/usr/bin/python3", `${root}/usr/bin/odoo`], {
    PYTHONPATH: `${root}/usr/lib/python3/dist-packages`,
  });
  if (!is19(said)) throw new Trouble(`The unpacked Odoo does not run; it said: ${said}`);
  const version = `${said} (${files.find((name) => name.startsWith("odoo-19_"))})`;
  await Deno.writeTextFile(stamp, version);
  return version;
}

/** Debian strips this file as not free enough; without it every page logs an error and tours fail. */
async function stubSelfie(addons: string): Promise<void> {
  const folder = `${addons}/mail/static/lib/selfie_segmentation`;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(
    `${folder}/selfie_segmentation.js`,
    "/* not part of Debian's package */\n",
  );
}
