/**
 * Bundles the agent into one ESM file, dist/biometric-agent.js, as it ships: `node:` stays outside,
 * everything else is inside. The image and dev/pack build on it. Owns the build settings; must not know what the agent does.
 *
 *     npm run bundle [-- OUTPUT]
 */
import { isBuiltin } from "node:module";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

/** CommonJS packages (odoo-xmlrpc, prom-client) call `require` for Node's own modules. */
const REQUIRE = [
  'import { createRequire as __createRequire } from "node:module";',
  'const require = __createRequire("file:///biometric-agent.js");',
].join("\n");

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

export interface Bundled {
  readonly file: string;
  readonly bytes: number;
}

export interface BundleOptions {
  /** Names stay: a stack in a log is to be read. */
  readonly minify?: boolean;
  /** Stated by the program instead of its own: for tests of updates. */
  readonly version?: string;
}

export async function bundle(
  file = fileURLToPath(new URL("../dist/biometric-agent.js", import.meta.url)),
  { minify = false, version }: BundleOptions = {},
): Promise<Bundled> {
  await build({
    entryPoints: [fileURLToPath(new URL("../edge_agent/main.ts", import.meta.url))],
    outfile: file,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "es2023",
    banner: { js: REQUIRE },
    plugins: [nodeNames, ...(version === undefined ? [] : [stating(version)])],
    minifyWhitespace: minify,
    minifySyntax: minify,
    legalComments: "eof",
    logLevel: "warning",
  });
  return { file, bytes: Deno.statSync(file).size };
}

if (import.meta.main) {
  const { file, bytes } = await bundle(Deno.args[0]);
  console.log(`${file}: ${bytes} bytes`);
}
