// The verdict on a bundle. Whatever is in it, a report comes back; only a browser that cannot check says so instead.
import { Failure } from "../ground/fields.js";
import { obstacle } from "../ground/proofs.js";
import { readBundle, Shelf } from "./bundle.js";
import { rootCase, walk } from "./walk.js";

const EMPTY = { failure: null, unknown: null, levels: null, title: null, anchor: null, documents: 0 };

// `trusted` is the one key the bundle may rest on, null for any; `step(part, done, of)` is told of every advance.
export async function verify(bytes, { trusted = null, step = async () => {} } = {}) {
  const missing = await obstacle();
  if (missing) return { ...EMPTY, verdict: "unable", obstacle: missing };
  const unknown = [];
  try {
    const found = await check(bytes, trusted, unknown, step);
    return { ...EMPTY, ...found, verdict: unknown.length ? "older" : "valid", unknown: unknown[0] ?? null };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { code, line, message } = error;
    const verdict = unknown.length ? "older" : "invalid";
    return { ...EMPTY, verdict, unknown: unknown[0] ?? null, failure: { code, line, detail: message } };
  }
}

async function check(bytes, trusted, unknown, step) {
  const bundle = await readBundle(bytes, unknown, (done, of) => step("lines", done, of));
  if (trusted !== null && bundle.anchor.key !== trusted) throw new Failure("anchor-untrusted");
  const shelf = new Shelf(bundle);
  const levels = await walk(shelf, rootCase(shelf, bundle), (used) => step("bodies", used, bundle.count));
  shelf.refuseUnused();
  const { title } = levels.decided;
  return { levels, title, anchor: bundle.anchor, documents: bundle.count - 1 };
}
