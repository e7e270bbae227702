// What constituents say to the body above them: positions, leaves and vetoes, read and checked (G6).
import { byCodePoint } from "../ground/canonical.js";
import { governanceOf, isSameReference, Refusal } from "../ground/fields.js";
import { instantText } from "../ground/instants.js";
import { decide, REASONS, STATES } from "./decide.js";
import { readRule, ruleDocument } from "./rules.js";
import { sharedOut } from "./seats.js";
import { readTally } from "./tallies.js";

export const CHOICES = ["for", "against", "abstain", "no_quorum"];
const POSITION_KEYS = [
  "kind", "proposal", "statute", "body", "level", "seq", "choice", "tally", "outcome", "reason", "rule", "bodies",
  "members", "basis", "signed_at", "split", "leaves", "second", "vetoes", "lot",
];
const VETO_KEYS = ["kind", "proposal", "statute", "body", "reason", "signed_at"];
const SPLIT_KEYS = ["for", "against", "abstain"];
const MOST_LEAVES = 10_000;
const LONGEST_REASON = 5_000;
const BLANK = /^[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*$/;

const bad = (code) => (detail) => new Refusal(code, detail);

export function readPosition(document) {
  const [outer, fields] = governanceOf(document, "position", bad("position-malformed"));
  fields.only(...POSITION_KEYS);
  const basis = fields.within("basis");
  basis.only("proposal", "outcome");
  const members = fields.optional("members", (it, name) => readTally(it.within(name)));
  return {
    id: outer.text("id"),
    actor: outer.text("attributedTo"),
    body: fields.text("body"),
    asked: { proposal: fields.reference("proposal"), statute: fields.digest("statute") },
    level: fields.integer("level", 1),
    seq: fields.integer("seq", 1),
    choice: fields.oneOf("choice", CHOICES),
    tally: readTally(fields.within("tally")),
    state: fields.oneOf("outcome", STATES),
    reason: fields.oneOf("reason", REASONS),
    rule: readRule(fields.value("rule")),
    bodies: fields.optional("bodies", (it, name) => readBodies(it.within(name))),
    members,
    basis: { proposal: basis.reference("proposal"), outcome: basis.reference("outcome") },
    signedAt: fields.instant("signed_at"),
    split: fields.optional("split", (it, name) => readSplit(it.within(name))),
    leaves: fields.optional("leaves", readLeaves),
    further: readFurther(fields, members),
  };
}

function readBodies(fields) {
  fields.only("reached", "of");
  const of = fields.integer("of");
  return { reached: fields.integer("reached", 0, of), of };
}

function readSplit(fields) {
  fields.only(...SPLIT_KEYS);
  return SPLIT_KEYS.map((name) => fields.integer(name));
}

export const splitDocument = (split) => Object.fromEntries(SPLIT_KEYS.map((name, at) => [name, split[at]]));

function readLeaves(fields, name) {
  const leaves = fields.rows(name).map(readLeaf);
  const isInOrder = leaves.every((leaf, at) => at === 0 || byCodePoint(leaves[at - 1].body, leaf.body) < 0);
  if (leaves.length > MOST_LEAVES || !isInOrder) throw fields.refuse("leaves name every body once, in order");
  return leaves;
}

function readLeaf(row) {
  row.only("body", "at", "outcome", "tally", "counts");
  const isSilent = row.isAbsent("outcome");
  const leaf = {
    body: row.text("body"),
    at: isSilent ? null : row.instant("at"),
    outcome: isSilent ? null : row.digest("outcome"),
    tally: readTally(row.within("tally")),
    counts: row.flag("counts"),
  };
  if (isSilent && (leaf.counts || !leaf.tally.cast.isZero || !row.isAbsent("at"))) {
    throw row.refuse("a silent leaf counts nothing");
  }
  return leaf;
}

export function leafDocument(leaf) {
  const at = leaf.at === null ? null : instantText(leaf.at);
  return { body: leaf.body, at, outcome: leaf.outcome, tally: leaf.tally.document, counts: leaf.counts };
}

function readFurther(fields, members) {
  return {
    second: fields.optional("second", (it, name) => readSecond(it.within(name))),
    vetoes: fields.optional("vetoes", (it, name) => readVetoes(it.within(name))),
    members,
    lot: fields.optional("lot", (it, name) => readLot(it.within(name))),
  };
}

function readSecond(fields) {
  fields.only("tally", "share", "blocking");
  const blocking = fields.optional("blocking", (it, name) => it.integer(name, 1));
  return { tally: readTally(fields.within("tally")), share: fields.share("share"), blocking };
}

function readVetoes(fields) {
  fields.only("by", "override");
  const by = fields.list("by");
  if (!by.length || !by.every((one) => typeof one === "string")) throw fields.refuse("'by' must list who vetoed");
  return { by, override: fields.optional("override", (it, name) => it.share(name)) };
}

function readLot(fields) {
  fields.only("proposal", "beacon");
  return { proposal: fields.digest("proposal"), beacon: fields.digest("beacon") };
}

// The members `second`, `vetoes` and `lot` of an outcome, those that there are.
export function furtherDocument({ second, vetoes, lot }) {
  const written = {};
  if (second) written.second = { tally: second.tally.document, share: second.share.share, blocking: second.blocking };
  if (vetoes) written.vetoes = { by: [...vetoes.by].sort(byCodePoint), override: vetoes.override?.share ?? null };
  if (lot) written.lot = { proposal: lot.proposal, beacon: lot.beacon };
  return written;
}

// The position that follows from a body's own outcome; without quorum, members or where vetoed it counts nowhere.
export function derivedChoice({ state, reason }) {
  if (["tie", "no_decisive_votes"].includes(reason)) return "abstain";
  return { passed: "for", rejected: "against" }[state] ?? "no_quorum";
}

// Nothing, if the position answers what was asked, is the constituent's own, and follows from its tally.
// `splits` is the weight it may split, null where the statute lets nobody.
export function checkPosition(position, asked, constituent, splits, needsLeaves) {
  if (!isSameReference(position.asked.proposal, asked.proposal)) throw bad("position-other-proposal")();
  if (position.asked.statute !== asked.statute) throw bad("position-other-statute")();
  if (position.body !== constituent.body) throw bad("position-not-a-constituent")(position.body);
  checkFollows(position);
  checkSplit(position, splits);
  if (needsLeaves && position.bodies && !position.leaves) throw bad("position-leaves")(position.body);
}

function checkFollows({ rule, tally, bodies, further, state, reason, choice }) {
  let recounted;
  try {
    recounted = decide(rule, tally, bodies, further);
  } catch (error) {
    throw error instanceof Refusal ? bad("position-invalid")(error.message) : error;
  }
  const follows = [recounted.state, recounted.reason, derivedChoice(recounted)].join(", ");
  const claimed = [state, reason, choice].join(", ");
  if (follows !== claimed) throw bad("position-invalid")(`claims ${claimed}; follows ${follows}`);
}

function checkSplit({ split, choice, tally }, splits) {
  if (!split) return;
  if (!splits || choice === "no_quorum") throw bad("position-split")("nobody splits here");
  const derived = sharedOut(splits.whole, [tally.inFavour, tally.against, tally.abstain]);
  if (!derived.every((part, at) => part.document === split[at])) throw bad("position-split")(`${splits} units`);
}

export function readVeto(document) {
  const [outer, fields] = governanceOf(document, "veto", bad("veto-malformed"));
  fields.only(...VETO_KEYS);
  const reason = fields.text("reason");
  if (BLANK.test(reason) || [...reason].length > LONGEST_REASON) throw bad("veto-reason")();
  return {
    id: outer.text("id"),
    actor: outer.text("attributedTo"),
    body: fields.text("body"),
    asked: { proposal: fields.reference("proposal"), statute: fields.digest("statute") },
    reason,
    signedAt: fields.instant("signed_at"),
  };
}

// Nothing, if the statute lets this constituent veto this proposal and the veto is about it.
export function checkVeto(veto, asked, constituent, right, proposalType) {
  if (!right || !right.types.includes(proposalType)) throw bad("veto-not-allowed")(proposalType);
  const isAsked = isSameReference(veto.asked.proposal, asked.proposal) && veto.asked.statute === asked.statute;
  const isTheirs = veto.body === constituent.body && veto.actor === constituent.actor;
  if (!isAsked || !isTheirs) throw bad("veto-other-proposal")();
}

// Everything a position repeats of its body's decision, as one text, so that two can be compared exactly.
export function statement({ level, tally, state, reason, rule, members, bodies, leaves, further }) {
  const exact = (leaf) => [leaf.body, String(leaf.at), leaf.outcome, leaf.tally.document, leaf.counts];
  const { second, vetoes, lot } = further;
  return JSON.stringify([
    level,
    tally.document,
    state,
    reason,
    ruleDocument(rule),
    members && members.document,
    bodies && [bodies.reached, bodies.of],
    leaves && leaves.map(exact),
    second && furtherDocument({ second }),
    vetoes && [vetoes.by, vetoes.override?.share ?? null],
    lot && [lot.proposal, lot.beacon],
  ]);
}
