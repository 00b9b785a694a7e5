// Owns: the set of processes of one play: database, Odoo, agent, a folder of its own; brought up and
// taken down together. Must not know: what is played on it.

import { AgentProcess } from "./agent_process.ts";
import { openCache, takePort } from "./cache.ts";
import { onExit, type Undoing } from "./cleanup.ts";
import {
  addonTemplate,
  createDatabase,
  dropDatabase,
  readableAddons,
  serviceTemplate,
} from "./databases.ts";
import { OdooServer } from "./odoo_server.ts";

export interface StageOptions {
  /** Ports; a free one is taken where none is named. */
  readonly odooPort?: number;
  readonly devicePort?: number;
  /** A provider's Odoo: with accounting and the provider's addon. */
  readonly service?: boolean;
}

export interface Stage {
  readonly odoo: OdooServer;
  readonly agent: AgentProcess;
  /** A folder of its own; removed with the stage. */
  readonly folder: string;
  /** A copy of our addon that Odoo may read. */
  readonly addons: string;
  takeDown(): Promise<void>;
}

/** A database with the addon, an Odoo server on it (not started) and an agent (configured, not started). */
export async function prepareStage(options: StageOptions = {}): Promise<Stage> {
  const addons = await readableAddons();
  const template = options.service ? await serviceTemplate() : await addonTemplate();
  const db = await createDatabase(template, "demo");
  const folder = `${(await openCache()).path}/tmp/${db}`;
  await Deno.mkdir(folder, { recursive: true });
  const odoo = new OdooServer({
    db,
    addons: addons.path,
    port: options.odooPort ?? await takePort(),
  });
  const agent = new AgentProcess({
    folder: `${folder}/agent`,
    devicePort: options.devicePort ?? await takePort(),
    healthPort: await takePort(),
  });
  await agent.configure();
  const undoing: Undoing = onExit(async () => {
    await agent.stop();
    await odoo.stop();
    await Deno.remove(folder, { recursive: true });
    await addons.dispose();
    await dropDatabase(db);
  });
  return { odoo, agent, folder, addons: addons.path, takeDown: () => undoing.now() };
}
