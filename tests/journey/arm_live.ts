// The ARM file as a branch's agent at a real Odoo: paired, approved, its terminal let in, a punch in Odoo; under qemu's user
// mode, which translates every start anew. Owns that story; the machine's own part is go_live's.

import { Branch } from "../../dev/branch.ts";
import { compile } from "../../dev/pack/compile.ts";
import { armEmulator } from "../../dev/pack/qemu.ts";
import { prepareStage } from "../../dev/stage.ts";
import { waiting } from "../../dev/waiting.ts";
import { AgentProcess, onePackedFile } from "../sim/agent_process.ts";
import { newAgent, SERIAL } from "./go_live.ts";

/** Each start of Deno under the emulator is minutes on a busy machine. */
const PATIENCE_MS = 600_000;

/** Seconds from the code in Odoo to the first punch there, without people's pauses. */
export async function armLive(): Promise<number> {
  const emulator = await armEmulator();
  const stage = await prepareStage();
  const folder = await Deno.makeTempDir({ prefix: "biometric-arm-" });
  const wait = waiting(PATIENCE_MS);
  try {
    await stage.odoo.start();
    const { path } = await compile({ out: folder, architecture: "aarch64" });
    const { url, db } = stage.odoo;
    const branch = new Branch(stage.odoo, stage.agent);
    await branch.logIn();
    await branch.settle([]);
    const agent = new AgentProcess(url, {}, onePackedFile(path, emulator));
    // An answer is read slowly there, too.
    agent.configure({ timeoutSeconds: 60 });
    try {
      const from = performance.now();
      const made = await newAgent(branch);
      const { code, out, err } = await agent.say("pair", url, made.code, "--database", db);
      if (code !== 0) throw new Error(`not paired: ${out}${err}`);
      const officer = await branch.as("biometric");
      await officer.call("biometric.agent", "action_approve", [[made.agent]]);
      await agent.start({}, PATIENCE_MS);
      const push = () => agent.upload(SERIAL, ["1\t2026-03-02 08:00:00\t0\t1\t0\t0\t0"]);
      await push();
      await branch.approveDevice(SERIAL, wait);
      await wait("the terminal's OK", async () => (await push()).includes("OK: 1") ? true : null);
      await wait(
        "the punch in Odoo",
        async () => await branch.admin.count("biometric.punch") > 0 ? true : null,
      );
      return Math.round((performance.now() - from) / 1000);
    } finally {
      await agent.dispose();
    }
  } finally {
    await stage.takeDown();
    await Deno.remove(folder, { recursive: true });
  }
}
