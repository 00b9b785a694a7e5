// Tests that the steps of dev/agent.Dockerfile, taken one by one in a bare Debian root, make an agent that runs
// read-only, without capabilities and as its own user. No container engine is asked; only root can do this.

import assert from "node:assert/strict";
import { repository } from "../../dev/cache.ts";
import { bareRoot, machineFolder } from "../../dev/pack/bare_machine.ts";
import { compile } from "../../dev/pack/compile.ts";
import { mustRun, run, which } from "../../dev/process.ts";
import { provenManifest } from "../../edge_agent/machine/packed_file.ts";
import { bareMachineTest } from "../sim/powers.ts";

interface Image {
  readonly runs: readonly string[];
  readonly copies: readonly (readonly [string, string])[];
  readonly user: string;
  readonly volume: string;
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly health: readonly string[];
}

/** What each line of a stage says behind a word, as a builder reads it; the last stage where none is named. */
function stageOf(text: string, at = -1): (word: string) => string[] {
  const whole = text.replace(/^#.*\n/gm, "").replace(/\\\n\s*/g, "");
  const lines = (whole.split(/^FROM /m).at(at) ?? "").split("\n").slice(1);
  return (word) =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
}

function readImage(text: string): Image {
  const all = stageOf(text);
  const one = (word: string) => all(word)[0] ?? assert.fail(`the image has no ${word}`);
  return {
    runs: all("RUN"),
    copies: all("COPY").map((line) => {
      const [, from = "", to = ""] = /^--from=build (\S+) (\S+)$/.exec(line) ?? assert.fail(line);
      return [from, to];
    }),
    user: one("USER"),
    volume: one("VOLUME"),
    env: one("ENV").split(" "),
    entrypoint: JSON.parse(one("ENTRYPOINT")),
    command: JSON.parse(one("CMD")),
    health: JSON.parse(/ CMD (\[.*\])$/.exec(one("HEALTHCHECK"))?.[1] ?? "null"),
  };
}

/** What a slim image with Node has of what its steps need; neither git nor a compiler. */
const SLIM = "sh env node npm id mv cp cat tar gzip chown chmod mkdir rm ln uname sed".split(" ");

/** Files as a builder has them: what COPY names and nothing else. Packages are there already. */
async function layBuild(folder: string, copies: readonly string[]): Promise<string> {
  for (const line of copies) {
    const words = line.split(" ");
    const to = `${folder}/src/${words.pop()}`;
    for (const word of words) {
      const isFolder = (await Deno.stat(`${repository}/${word}`)).isDirectory;
      if (isFolder) await Deno.mkdir(to, { recursive: true });
      await mustRun(["cp", "-a", `${repository}/${word}${isFolder ? "/." : ""}`, to]);
    }
  }
  await Deno.symlink(`${repository}/node_modules`, `${folder}/src/node_modules`);
  const programs = `${folder}/programs`;
  await Deno.mkdir(programs);
  for (const name of SLIM) {
    const path = await which(name) ?? assert.fail(`there is no ${name} here`);
    await Deno.symlink(path, `${programs}/${name}`);
  }
  return programs;
}

// Red when the build stage reads a file that is not copied into it, or needs a program that a slim image lacks.
Deno.test("S06 image: the build stage makes the file of the other machine from what is copied, without git", async () => {
  const folder = await Deno.makeTempDir({ prefix: "biometric-image-" });
  try {
    const all = stageOf(await Deno.readTextFile(`${repository}/dev/agent.Dockerfile`), -2);
    await Deno.mkdir(`${folder}/src`);
    const programs = await layBuild(folder, all("COPY"));
    assert.deepEqual(all("ARG"), ["TARGETARCH=amd64", "COMMIT=unknown"]);
    const env = { PATH: programs, TARGETARCH: "arm64", COMMIT: "abc123" };
    const [step = "", ...more] = all("RUN");
    assert.deepEqual(more, []);
    await mustRun(["sh", "-c", step], { cwd: `${folder}/src`, env });
    const made = await provenManifest(`${folder}/src/dist/biometric-agent`);
    assert.deepEqual([made.architecture, made.commit], ["aarch64", "abc123"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

const quoted = (words: readonly string[]) =>
  words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");

/** What an engine does with read_only, cap_drop ALL and no-new-privileges. */
function starting(image: Image): string {
  const { user, volume, env, entrypoint, command, health } = image;
  const drop = `setpriv --reuid ${user} --regid ${user} --clear-groups --bounding-set=-all ` +
    "--inh-caps=-all --no-new-privs";
  return `set -eu
root=$1
ip link set lo up
mount --make-rprivate / && mount --bind "$root" "$root" && cd "$root"
mount -t tmpfs none ".${volume}" && chroot . chown ${user} ${volume}
mount -t proc none ./proc && mount --bind /dev ./dev && mount -o remount,bind,ro .
chroot . ${drop} env -i PATH=/usr/bin:/bin ${quoted(env)} BIOMETRIC_DEVICE_PORT_ALLOW_ANY=true ${
    quoted([...entrypoint, ...command])
  } > /dev/null 2>"$2" &
for n in $(seq 200); do
  if chroot . ${drop} ${quoted(health)} 2>/dev/null; then break; fi
  sleep 0.1
done
chroot . ${drop} ${quoted(health)} && echo healthy
grep -E '^(Uid|CapEff|CapBnd|NoNewPrivs):' ./proc/$!/status
chroot . ${drop} sh -c 'echo > /etc/there' 2>&1 || echo read-only
chroot . ${drop} env -i ${quoted(env)} ${quoted([...entrypoint, "status"])} || true
kill -TERM $! && wait $! && echo stopped
`;
}

// Red when a RUN line fails in a bare Debian, the entry point lacks a permission, or it wants to write.
await bareMachineTest(
  "S06 image: the Dockerfile's steps in a bare root make an agent that needs no rights",
  async () => {
    const folder = await machineFolder();
    try {
      const image = readImage(await Deno.readTextFile(`${repository}/dev/agent.Dockerfile`));
      const root = `${folder}/root`;
      await mustRun(["cp", "-a", "--reflink=auto", await bareRoot(), root]);
      const { path } = await compile({ out: folder, architecture: "x86_64" });
      for (const line of image.runs) await mustRun(["chroot", root, "sh", "-c", line]);
      assert.deepEqual(image.copies.map(([from]) => from), ["/src/dist/biometric-agent"]);
      for (const [, to] of image.copies) {
        await mustRun(["install", "-m", "0755", path, `${root}${to}`]);
      }
      await Deno.writeTextFile(`${folder}/start.sh`, starting(image));
      const names = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child"];
      const command = [...names, "sh", `${folder}/start.sh`, root, `${folder}/log`];
      const { stdout, stderr } = await run(command, { timeoutMs: 60_000 });
      const said = `${stdout}${stderr}${await Deno.readTextFile(`${folder}/log`).catch(() => "")}`;
      assert.match(stdout, /^healthy$/m, said);
      assert.match(stdout, /^CapEff:\t0+$/m);
      assert.match(stdout, /^CapBnd:\t0+$/m);
      assert.match(stdout, /^NoNewPrivs:\t1$/m);
      assert.match(stdout, /^Uid:\t10001\t/m);
      assert.match(stdout, /Read-only file system[^]*^read-only$/m);
      assert.match(stdout, /unpaired: /);
      assert.match(stdout, /^stopped$/m, said);
      // As in compose.yaml, where network address translation hides the terminals' own addresses.
      assert.match(
        await Deno.readTextFile(`${folder}/log`),
        /terminals of every address are heard/,
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

Deno.test("image: the other kind of machine comes from the same file", async () => {
  const text = await Deno.readTextFile(`${repository}/dev/agent.Dockerfile`);
  assert.match(text, /arm64\) machine=aarch64 ;; \*\) machine=x86_64/);
  assert.match(text, /dev\/pack\/compile\.ts --architecture "\$machine"/);
});
