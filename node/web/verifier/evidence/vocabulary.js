// Every member and word that this page understands. What a document says beyond them may change its meaning, so a
// bundle with such a member is never called valid here: the page is older than the bundle.
import { isObject } from "../ground/canonical.js";
import { REASONS, STATES } from "../rules/decide.js";
import { CHOICES } from "../rules/positions.js";
import { STATUSES } from "../rules/roll_up.js";
import { BASES, METHODS, PRESETS, QUORUM_KINDS, TIES } from "../rules/rules.js";
import { SEAT_METHODS } from "../rules/seats.js";
import { MODES } from "../rules/weighing.js";

// A shape is the members of an object by name: null for what is free, a list of words, or the shape within.
const free = (...names) => Object.fromEntries(names.map((name) => [name, null]));

const REFERENCE = free("id", "digest");
const COUNTS = free("for", "against", "abstain", "electorate", "unresolved");
const SPLIT = free("for", "against", "abstain");
const QUORUM = {
  ...free("share", "abstain_counts", "most", "slope"),
  kind: QUORUM_KINDS,
  second_call: free("after_seconds", "share"),
};
const RULE = {
  ...free("threshold", "strict", "closes_early"),
  method: METHODS,
  preset: [...PRESETS.keys()],
  of: BASES,
  quorum: QUORUM,
  tie: TIES,
};
const LEAF = { ...free("body", "at", "outcome", "counts"), tally: COUNTS };
const FURTHER = {
  second: { ...free("share", "blocking"), tally: COUNTS },
  vetoes: free("by", "override"),
  lot: free("proposal", "beacon"),
  leaves: LEAF,
};
const CONSTITUENT = {
  ...free("body", "actor", "name", "key", "weight", "members", "members_decided"),
  kind: ["coop", "assembly"],
};

const PROPOSAL = {
  ...free("kind", "body", "text_digest", "opens_at", "closes_at", "type", "lot", "splits"),
  rule: RULE,
  electorate: { ...free("digest", "count", "weight", "statute"), kind: ["members", "roll", "constituents"] },
  upstream: free("id", "digest", "root", "root_digest"),
  ratifies: { proposal: REFERENCE, outcome: REFERENCE },
  plan: REFERENCE,
};
const BALLOT = {
  ...free("kind", "voter", "seq", "cast_at"),
  proposal: REFERENCE,
  choice: CHOICES.filter((choice) => choice !== "no_quorum"),
};
const OUTCOME = {
  ...free("kind", "body", "level", "statute", "closed_at", "nonce"),
  proposal: REFERENCE,
  outcome: STATES,
  reason: REASONS,
  tally: COUNTS,
  members: COUNTS,
  ballots: free("count", "digest"),
  constituents: {
    ...free("body", "weight"),
    status: STATUSES,
    choice: CHOICES,
    position: REFERENCE,
    split: SPLIT,
    veto: REFERENCE,
    equivocation: REFERENCE,
  },
  rule: RULE,
  recount: { ...free("until"), first: REFERENCE },
  call: { ...free("number", "again_at"), first: REFERENCE },
  ...FURTHER,
};
const STATUTE = {
  ...free("kind", "assembly", "name", "version", "weight_denominator", "margin_seconds", "adopted_at", "may_split"),
  ...free("leaves", "binding", "recount_seconds", "shortest_window_seconds", "jurisdiction"),
  mode: Object.keys(MODES),
  constituents: CONSTITUENT,
  rule: RULE,
  seats: { ...free("least", "most", "total"), method: Object.keys(SEAT_METHODS) },
  cap: free("share", "by_size"),
  quota: ["declared", "optimal"],
  double: free("members", "blocking", "abstain_as_against"),
  veto: free("types", "override"),
  ratification: { ...free("share", "within_seconds"), kind: ["unanimity", "threshold"] },
  recount: free("within_seconds"),
  amendment: RULE,
  adopted_by: REFERENCE,
};
const POSITION = {
  ...free("kind", "statute", "body", "level", "seq", "signed_at"),
  proposal: REFERENCE,
  choice: CHOICES,
  tally: COUNTS,
  outcome: STATES,
  reason: REASONS,
  rule: RULE,
  bodies: free("reached", "of"),
  members: COUNTS,
  basis: { proposal: REFERENCE, outcome: REFERENCE },
  split: SPLIT,
  ...FURTHER,
};
const KINDS = new Map([
  ["proposal", PROPOSAL],
  ["roll", free("kind", "proposal", "entries")],
  ["ballot", BALLOT],
  ["outcome", OUTCOME],
  ["statute", STATUTE],
  ["position", POSITION],
  ["veto", { ...free("kind", "statute", "body", "reason", "signed_at"), proposal: REFERENCE }],
]);
const WHOLE = new Map([
  ["rochdale:Evidence", { ...free("type", "version", "documents", "digest"), decision: REFERENCE }],
  ["rochdale:Anchor", free("type", "actor", "did", "key")],
  ["rochdale:Roll", free("type", "governance")],
]);
const TYPES = ["Question", ...["Outcome", "Position", "Statute", "Veto", "Ballot"].map((name) => `rochdale:${name}`)];
const VERSION = 1;

// The first thing in a document that this page does not understand, as text for people; null if there is none.
export function beyond(document) {
  const { type, governance, version } = document;
  const isOurs = typeof type === "string" && type.startsWith("rochdale:");
  if (isOurs && !TYPES.includes(type) && !WHOLE.has(type)) return `documents of type ${type}`;
  if (type === "rochdale:Evidence" && Number.isInteger(version) && version > VERSION) return `format ${version}`;
  const around = WHOLE.has(type) ? unknownIn(document, WHOLE.get(type), type) : null;
  if (around || !isObject(governance)) return around;
  const { kind } = governance;
  if (typeof kind === "string" && !KINDS.has(kind)) return `documents of kind ${kind}`;
  return KINDS.has(kind) ? unknownIn(governance, KINDS.get(kind), kind) : null;
}

function unknownIn(value, shape, path) {
  if (shape === null || value === null) return null;
  if (Array.isArray(value)) return firstOf(value, (each) => unknownIn(each, shape, path));
  if (Array.isArray(shape)) {
    return typeof value !== "string" || shape.includes(value) ? null : `“${value}” in ${path}`;
  }
  if (!isObject(value)) return null;
  return firstOf(Object.keys(value), (name) => {
    const isKnown = Object.hasOwn(shape, name);
    return isKnown ? unknownIn(value[name], shape[name], `${path}.${name}`) : `the member ${path}.${name}`;
  });
}

function firstOf(values, find) {
  for (const value of values) {
    const found = find(value);
    if (found) return found;
  }
  return null;
}
