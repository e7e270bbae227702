// A body as the level above knows it, and its signature on a document; no key is ever taken from the document itself.
import { Failure, reading, Refusal } from "../ground/fields.js";
import { provenMethod, readKey } from "../ground/proofs.js";

export const signerOf = ({ actor, key }, code, line) => ({ actor, key: reading(code, line, () => readKey(key)) });

// A Failure unless the document is attributed to, and signed by, the body.
export async function checkSigned(line, by, code) {
  if (line.document.attributedTo !== by.actor) throw new Failure(code, line.number, "attributed to another actor");
  let method;
  try {
    method = await provenMethod(line.document, line.digest, by.key);
  } catch (error) {
    throw error instanceof Refusal ? new Failure(code, line.number, error.message) : error;
  }
  if (method.split("#")[0] !== by.actor) throw new Failure(code, line.number, "signed with another method");
}
