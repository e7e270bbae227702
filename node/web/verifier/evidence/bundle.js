// The format of a bundle, JSON Lines with a manifest first, and one look at every line whatever its place (G9).
import { canonical, canonicalDocument, isObject, NoForm } from "../ground/canonical.js";
import { Failure, Fields } from "../ground/fields.js";
import { provenMethod, voterKey } from "../ground/proofs.js";
import { digestOf, hex, sha256 } from "../ground/sha256.js";
import { beyond } from "./vocabulary.js";

export const FIRST = 2;
const AT_ONCE = 100;
const LINE_FEED = 10;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

// In one line; few bytes could else fill much memory.
const MOST_VALUES = 4_000_000;
const VALUE_MARKS = new Set([..."[{,"].map((mark) => mark.charCodeAt(0)));

const valuesIn = (row) => row.reduce((sum, byte) => sum + (VALUE_MARKS.has(byte) ? 1 : 0), 0);

function parsed(number, row) {
  if (row.length > MOST_VALUES && valuesIn(row) > MOST_VALUES) throw new Failure("line-malformed", number);
  try {
    const text = decoder.decode(row);
    return { text, document: JSON.parse(text.replace(/^\ufeff/, "")) };
  } catch {
    throw new Failure("line-malformed", number);
  }
}

// The document in a row of bytes, with its digest; a Failure unless the row is its canonical form.
function readLine(number, row) {
  const { text, document } = parsed(number, row);
  let written, digest;
  try {
    if (isObject(document)) ({ text: written, digest } = canonicalDocument(document));
    else written = canonical(document);
  } catch (error) {
    throw error instanceof NoForm ? new Failure("line-malformed", number) : error;
  }
  if (written !== text) throw new Failure("line-not-canonical", number);
  if (!isObject(document)) throw new Failure("line-malformed", number);
  return { number, digest, document };
}

// Where each row of the file is, without its line feed.
function rowsOf(bytes) {
  const rows = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(LINE_FEED, start);
    rows.push({ bytes: bytes.subarray(start, end < 0 ? bytes.length : end), isFinished: end >= 0 });
    start = end < 0 ? bytes.length : end + 1;
  }
  return rows;
}

function bare(rows, number) {
  if (!rows[number - 1].isFinished) throw new Failure("line-unfinished", number);
  return rows[number - 1].bytes;
}

function readManifest(rows, unknown) {
  const row = rows.length ? bare(rows, 1) : new Uint8Array();
  if (!row.length) throw new Failure("manifest-missing", 1);
  const { document } = readLine(1, row);
  if (document.type !== "rochdale:Evidence") throw new Failure("manifest-missing", 1);
  note(unknown, document, 1);
  const fields = new Fields(document, (detail) => new Failure("manifest-malformed", 1, detail));
  fields.only("type", "version", "decision", "documents", "digest");
  fields.integer("version", 1, 1);
  return fields;
}

function note(unknown, document, line) {
  const what = unknown.length ? null : beyond(document);
  if (what) unknown.push({ what, line });
}

// The proposal a roll or ballot names; empty when it names none, so that it stays unused.
function proposalId({ governance }) {
  const proposal = isObject(governance) ? governance.proposal : null;
  const named = isObject(proposal) ? proposal.id : proposal;
  return typeof named === "string" ? named : "";
}

async function isCast({ document, digest }) {
  try {
    const { key, method } = voterKey(document.governance.voter);
    return (await provenMethod(document, digest, key)) === method;
  } catch {
    return false;
  }
}

class Index {
  at = new Map();
  rolls = new Map();
  ballots = new Map();
  cast = new Set();
  anchors = [];

  add({ number, digest, document }) {
    if (this.at.has(digest)) throw new Failure("line-duplicate", number);
    this.at.set(digest, number);
    if (document.type === "rochdale:Anchor") this.anchors.push(number);
    const proposal = proposalId(document);
    if (document.type === "rochdale:Roll" && !this.rolls.has(proposal)) this.rolls.set(proposal, number);
    if (document.type === "rochdale:Ballot") {
      if (!this.ballots.has(proposal)) this.ballots.set(proposal, []);
      this.ballots.get(proposal).push(number);
    }
  }
}

// Every line looked at once; the first that fails is remembered until all are known to be those of the manifest.
async function scan(rows, unknown, step) {
  const found = { index: new Index(), hashes: [], failure: null };
  for (let at = 1; at < rows.length; at += AT_ONCE) {
    const ballots = [];
    for (let place = at; place < Math.min(at + AT_ONCE, rows.length); place++) {
      const line = scanned(rows, place, found);
      if (line) note(unknown, line.document, line.number);
      if (line?.document.type === "rochdale:Ballot") ballots.push(line);
    }
    const cast = await Promise.all(ballots.map(isCast));
    ballots.filter((_, place) => cast[place]).forEach(({ number }) => found.index.cast.add(number));
    await step(Math.min(at + AT_ONCE, rows.length), rows.length);
  }
  return found;
}

function scanned(rows, place, found) {
  const row = bare(rows, place + 1);
  found.hashes.push(hex(sha256(row)));
  if (found.failure) return null;
  try {
    const line = readLine(place + 1, row);
    found.index.add(line);
    return line;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    found.failure = error;
    return null;
  }
}

// The bundle in these bytes; a Failure unless manifest, digests and canonical form hold. `unknown` takes in the first
// thing that this page does not understand; `step` is told how many lines of how many are done.
export async function readBundle(bytes, unknown, step) {
  const rows = rowsOf(bytes);
  const manifest = readManifest(rows, unknown);
  if (rows.length > 1) bare(rows, rows.length);
  const { index, hashes, failure } = await scan(rows, unknown, step);
  if (hashes.length !== manifest.integer("documents")) {
    throw new Failure("lines-count", null, `${hashes.length} lines after the manifest`);
  }
  if (digestOf(hashes.sort().join("\n")) !== manifest.text("digest")) throw new Failure("lines-digest");
  if (failure) throw failure;
  const line = (number) => readLine(number, rows[number - 1].bytes);
  const decision = manifest.reference("decision");
  return { decision, anchor: readAnchor(index, line), index, line, count: hashes.length };
}

function readAnchor({ anchors }, line) {
  if (!anchors.length) throw new Failure("anchor-missing");
  if (anchors.length > 1) throw new Failure("anchor-twice", anchors[1]);
  const refuse = (detail) => new Failure("anchor-malformed", anchors[0], detail);
  const fields = new Fields(line(anchors[0]).document, refuse);
  fields.only("type", "actor", "did", "key");
  return { actor: fields.text("actor"), did: fields.text("did"), key: fields.text("key") };
}

const TYPES = {
  proposal: "Question",
  outcome: "rochdale:Outcome",
  position: "rochdale:Position",
  statute: "rochdale:Statute",
  veto: "rochdale:Veto",
};

// The documents of a bundle, fetched by what cites them. A line that nothing asked for has no part in the decision.
export class Shelf {
  constructor(bundle) {
    this.bundle = bundle;
    this.used = new Set(bundle.index.anchors);
    this.places = new Map();
  }

  holds(digest) {
    return this.bundle.index.at.has(digest);
  }

  take(kind, reference) {
    const line = this.takeDigest(kind, reference.digest);
    if (line.document.id !== reference.id) throw new Failure("reference-id", line.number, reference.id);
    return line;
  }

  takeDigest(kind, digest) {
    const number = this.bundle.index.at.get(digest);
    if (number === undefined) throw new Failure("evidence-missing", null, `${kind} ${digest}`);
    const line = this.bundle.line(number);
    if (line.document.type !== TYPES[kind]) throw new Failure("reference-type", number, kind);
    this.used.add(number);
    return line;
  }

  takeRoll(proposal) {
    const number = this.bundle.index.rolls.get(proposal);
    if (number === undefined) throw new Failure("evidence-missing", null, `roll of ${proposal}`);
    this.used.add(number);
    return this.bundle.line(number);
  }

  takeBallots(proposal) {
    return (this.bundle.index.ballots.get(proposal) ?? []).map((number) => {
      this.used.add(number);
      return this.bundle.line(number);
    });
  }

  isCast({ number }) {
    return this.bundle.index.cast.has(number);
  }

  // A Failure where another document was met before in a place that has room for one.
  refuseTwin(place, { number, digest }) {
    const name = JSON.stringify(place);
    if ((this.places.get(name) ?? digest) !== digest) throw new Failure("place-twice", number);
    this.places.set(name, digest);
  }

  refuseUnused() {
    for (let number = FIRST; number < FIRST + this.bundle.count; number++) {
      if (!this.used.has(number)) throw new Failure("line-unused", number);
    }
  }
}
