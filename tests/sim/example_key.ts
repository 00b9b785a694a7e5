/** The key pair of the contract's examples, for the agent's side of tests that need no files of their own. */
import { Buffer } from "node:buffer";
import { createPrivateKey, type KeyObject, sign } from "node:crypto";

interface Keys {
  readonly private_key: string;
  readonly public_key: string;
}

/** What stands before the 32 bytes of a private key in PKCS #8. */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

class ExampleKey {
  /** Base64 of the 32 bytes. */
  readonly publicKey: string;
  readonly #key: KeyObject;

  constructor(keys: Keys) {
    this.publicKey = keys.public_key;
    const der = Buffer.concat([PKCS8, Buffer.from(keys.private_key, "base64")]);
    this.#key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  }

  /** Base64. */
  sign(text: string): string {
    return sign(null, Buffer.from(text), this.#key).toString("base64");
  }
}

const path = new URL("../contract/export.json", import.meta.url);
export const exampleKey = new ExampleKey(JSON.parse(Deno.readTextFileSync(path)));
