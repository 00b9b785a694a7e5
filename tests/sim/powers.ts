/**
 * Tests that need a power which an ordinary account may not have: to mount a file system, to become
 * another user. Where it is missing they are no tests of this machine rather than tests left out, which
 * the runner counts as failures; dev/suites.ts says which. Must not know the code under test.
 */

import { whyNoMachine } from "../../dev/pack/bare_machine.ts";

/** Root, also of a user namespace of its own (`unshare --user --map-root-user --mount`). */
const mayMount = Deno.uid() === 0;

/** Root of the machine: a namespace's root is one user alone and cannot become another. */
const mayBecomeOthers = mayMount &&
  !/^\s*0\s+\d+\s+1$/m.test(Deno.readTextFileSync("/proc/self/uid_map"));

let noMachine: Promise<string> | null = null;

type Body = () => void | Promise<void>;

export function mountTest(name: string, fn: Body): void {
  if (mayMount) Deno.test(name, fn);
}

export function otherUserTest(name: string, fn: Body): void {
  if (mayBecomeOthers) Deno.test(name, fn);
}

/** To boot a bare machine, or to live in its files: root, and a system that lets root do it. */
export async function bareMachineTest(name: string, fn: Body): Promise<void> {
  noMachine ??= whyNoMachine();
  const why = await noMachine;
  if (why) {
    console.log(`    no bare machine can be booted here, so this is not tried: ${name}\n${why}`);
  } else Deno.test(name, fn);
}
