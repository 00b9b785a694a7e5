/**
 * Bundles the agent into one ESM file, dist/biometric-agent.js, as it ships: `node:` stays outside,
 * everything else is inside. The image and dev/pack build on it. What only an administrator's machine needs
 * (Odoo's external API and the old packages under it) stays out of it and is in a second file,
 * dist/biometric-provision.js. Owns the build settings; must not know what the agent does.
 *
 *     npm run bundle [-- OUTPUT [PROVISION_OUTPUT]]
 */
import { isBuiltin } from "node:module";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

/** CommonJS packages (prom-client, odoo-xmlrpc) call `require` for Node's own modules. */
const REQUIRE = [
  'import { createRequire as __createRequire } from "node:module";',
  'const require = __createRequire("file:///biometric-agent.js");',
].join("\n");

const SETTINGS = {
  bundle: true,
  format: "esm",
  platform: "node",
  target: "es2023",
  legalComments: "eof",
  logLevel: "warning",
} as const;

/** Names stay: a stack in a log is to be read. */
function shortened(minify: boolean) {
  return { minifyWhitespace: minify, minifySyntax: minify };
}

/** Deno resolves Node's modules under their `node:` names only. */
const nodeNames: Plugin = {
  name: "node-names",
  setup(setup) {
    setup.onResolve(
      { filter: /^[a-z_/]+$/ },
      ({ path }) => isBuiltin(path) ? { path: `node:${path}`, external: true } : null,
    );
  },
};

/** Leaves the external API out; edge_agent/odoo/provision.ts says so to who asks for it. */
const withoutExternalApi: Plugin = {
  name: "without-external-api",
  setup(setup) {
    setup.onResolve({ filter: /^odoo-xmlrpc$/ }, ({ path }) => ({ path, namespace: "absent" }));
    setup.onLoad({ filter: /.*/, namespace: "absent" }, () => ({
      contents: "export default null;",
    }));
  },
};

/** Puts another version in the place of the program's own. */
const stating = (version: string): Plugin => ({
  name: "version",
  setup(setup) {
    setup.onLoad({ filter: /\/base\/version\.ts$/ }, () => ({
      contents: `export const VERSION = ${JSON.stringify(version)};`,
      loader: "ts",
    }));
  },
});

/** Puts the code of the health port's thread in the place of its address: one program is one file. */
const carryingThread = (minify: boolean): Plugin => ({
  name: "thread",
  setup(setup) {
    setup.onLoad({ filter: /\/health\/thread_address\.ts$/ }, async ({ path }) => {
      const { outputFiles } = await build({
        ...SETTINGS,
        entryPoints: [path.replace(/_address\.ts$/, ".ts")],
        write: false,
        plugins: [nodeNames],
        ...shortened(minify),
      });
      const code = JSON.stringify(outputFiles[0]?.text);
      const made = `URL.createObjectURL(new Blob([${code}], { type: "text/javascript" }))`;
      return { contents: `const made = ${made}; export const threadAddress = () => made;` };
    });
  },
});

export interface Bundled {
  readonly file: string;
  readonly bytes: number;
}

export interface BundleOptions {
  readonly minify?: boolean;
  /** Stated by the program instead of its own: for tests of updates. */
  readonly version?: string;
  /** With `provision`, for an administrator's machine. */
  readonly provision?: boolean;
}

export async function bundle(
  file = fileURLToPath(new URL("../dist/biometric-agent.js", import.meta.url)),
  { minify = false, version, provision = false }: BundleOptions = {},
): Promise<Bundled> {
  await build({
    entryPoints: [fileURLToPath(new URL("../edge_agent/main.ts", import.meta.url))],
    outfile: file,
    ...SETTINGS,
    banner: { js: REQUIRE },
    plugins: [
      carryingThread(minify),
      ...(provision ? [] : [withoutExternalApi]),
      nodeNames,
      ...(version === undefined ? [] : [stating(version)]),
    ],
    ...shortened(minify),
  });
  return { file, bytes: Deno.statSync(file).size };
}

if (import.meta.main) {
  const beside = new URL("../dist/biometric-provision.js", import.meta.url);
  const [branch, office = fileURLToPath(beside)] = Deno.args;
  for (const { file, bytes } of [await bundle(branch), await bundle(office, { provision: true })]) {
    console.log(`${file}: ${bytes} bytes`);
  }
}
