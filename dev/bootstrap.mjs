// Owns: the one door from Node to the project's scripts: checks Node, installs the packages of
// package-lock.json when they are missing or other than the lock says, then runs the given script
// with the pinned Deno. Asked for --help it prints how the script's file opens, unless the script has
// words of its own. Must not know: what the scripts do. Plain JavaScript without dependencies, because
// it runs before there are any.

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const LEAST_NODE = 20;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const lockFile = join(root, "package-lock.json");
const stampFile = join(modules, ".biometric-lock");
const deno = join(modules, ".bin", "deno");

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

function checkNode() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < LEAST_NODE) {
    fail(
      `Node ${process.versions.node} is too old: version ${LEAST_NODE} or newer is needed. ` +
        "Install it from nodejs.org or your distribution and run the same command again.",
    );
  }
}

const lockDigest = () => createHash("sha256").update(readFileSync(lockFile)).digest("hex");

/** The packages are right when our stamp names this lock, or npm itself wrote them after it. */
function packagesAreRight(digest) {
  if (!existsSync(deno)) return false;
  if (existsSync(stampFile)) return readFileSync(stampFile, "utf8") === digest;
  const hidden = join(modules, ".package-lock.json");
  return existsSync(hidden) && statSync(hidden).mtimeMs >= statSync(lockFile).mtimeMs;
}

/** npm ci empties node_modules before it fills it: through a link that would be somebody else's. */
function refuseLink() {
  if (!lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) return;
  fail(
    `The packages are missing or other than package-lock.json says, and ${modules} is a link to ` +
      `${readlinkSync(modules)}: npm ci would empty that folder. Remove the link ` +
      "(rm node_modules) and run the same command again, or install there.",
  );
}

function installPackages() {
  const digest = lockDigest();
  if (packagesAreRight(digest)) return;
  refuseLink();
  console.log("Installing the npm packages of package-lock.json …");
  const started = Date.now();
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
  });
  if (npm.error?.code === "ENOENT") {
    fail("npm is not installed. It comes with Node; on Debian: apt-get install npm");
  }
  if (npm.status !== 0) {
    fail(`npm ci failed:\n${npm.stderr}\nCheck the connection to the npm registry and the disk.`);
  }
  if (!existsSync(deno)) {
    fail(`npm ci ended well, but ${deno} is missing: Deno has no binary for this machine.`);
  }
  writeFileSync(stampFile, digest);
  console.log(`Installed in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

/** Runs Deno in the foreground; its exit code is ours, and a signal sent to us reaches it. */
function runDeno(args) {
  const child = spawn(deno, args, { cwd: root, stdio: "inherit" });
  const forward = (signal) => {
    child.kill(signal);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, forward);
  child.on("error", (error) => fail(`Deno does not start: ${error.message}`));
  child.on("exit", (code, signal) => {
    process.removeAllListeners(signal ?? "exit");
    if (signal) process.kill(process.pid, signal);
    else process.exit(code ?? 1);
  });
}

/** The comment a file opens with, without its marks; null where the script answers for itself. */
function openingWords(file) {
  const text = readFileSync(join(root, file), "utf8").replace(/^#!.*\n/, "");
  if (/^(export )?const HELP\b/m.test(text)) return null;
  const comment = /^\s*(\/\*[\s\S]*?\*\/|(?:\/\/.*\n)+)/.exec(text)?.[1] ?? "";
  const lines = comment.replace(/^\/\*+\s*|\s*\*\/$/g, "").split("\n");
  return lines.map((line) => line.replace(/^\s*(?:\/\/|\*)? ?/, "")).join("\n").trim();
}

/** The agent's own commands have their own help. */
function answerHelp(file, args) {
  if (!args.includes("--help") || !/^(dev|tests)\//.test(file)) return;
  const words = openingWords(file);
  if (words === null) return;
  console.log(words);
  process.exit(0);
}

checkNode();
const [script, ...rest] = process.argv.slice(2);
if (!script) fail("usage: node dev/bootstrap.mjs dev/SCRIPT.ts [ARGUMENTS]");
if (!existsSync(join(root, script))) fail(`There is no script ${script}.`);
answerHelp(script, rest);
installPackages();
runDeno(["run", "-A", "--quiet", script, ...rest]);
