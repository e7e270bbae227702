// A statute read and checked: roster, mode, rule and further terms (G6). What cannot be applied is refused.
import { alike } from "../ground/canonical.js";
import { governanceOf, LARGEST, LONGEST_SECONDS, Refusal } from "../ground/fields.js";
import { HALF, ONE, whole } from "../ground/fractions.js";
import { readRule, ruleDocument } from "./rules.js";
import { SEAT_METHODS } from "./seats.js";
import { capShare, MODES } from "./weighing.js";

const HEAVIEST = 1_000_000_000;
const MOST_SEATS = 100_000;
const LONGEST_LIST = 20;
const KEYS = [
  "kind", "assembly", "name", "version", "mode", "weight_denominator", "constituents", "rule", "margin_seconds",
  "adopted_at", "seats", "cap", "quota", "double", "may_split", "leaves", "binding", "veto", "ratification",
  "recount", "recount_seconds", "amendment", "shortest_window_seconds", "jurisdiction", "adopted_by",
];

const refuse = (detail) => new Refusal("statute-malformed", detail);

export function readStatute(document) {
  const [outer, fields] = governanceOf(document, "statute", refuse);
  fields.only(...KEYS);
  const mode = fields.oneOf("mode", Object.keys(MODES));
  const terms = readTerms(fields, mode);
  const statute = {
    actor: outer.text("attributedTo"),
    assembly: fields.text("assembly"),
    name: fields.text("name"),
    version: fields.integer("version", 1),
    mode,
    denominator: fields.integer("weight_denominator", 1, HEAVIEST),
    constituents: fields.rows("constituents").map(readConstituent),
    rule: readRule(fields.value("rule"), terms.isBinding),
    marginSeconds: fields.seconds("margin_seconds"),
    adoptedAt: fields.instant("adopted_at"),
    terms,
  };
  checkRoster(statute);
  const broken = CHECKS.find(([hasIt]) => hasIt(statute));
  if (broken) throw refuse(broken[1]);
  return statute;
}

function readConstituent(row) {
  row.only("body", "actor", "name", "kind", "key", "weight", "members", "members_decided");
  const isDecided = row.optional("members_decided", (it, name) => it.flag(name), false);
  if (isDecided && row.isAbsent("members")) throw refuse("a number of members is decided that is not there");
  return {
    body: row.text("body"),
    actor: row.text("actor"),
    name: row.text("name"),
    kind: row.oneOf("kind", ["coop", "assembly"]),
    key: row.text("key"),
    weight: row.integer("weight", 1, HEAVIEST),
    members: row.optional("members", (it, name) => it.integer(name, 0, HEAVIEST)),
  };
}

// Nobody twice, by DID, actor or key; never the assembly itself; the sum of weights exact in JSON.
function checkRoster({ assembly, actor, constituents }) {
  for (const name of ["body", "actor", "key"]) {
    if (new Set(constituents.map((each) => each[name])).size < constituents.length) throw refuse(`the same ${name}`);
  }
  if (constituents.some((each) => each.body === assembly || each.actor === actor)) throw refuse("its own constituent");
  if (constituents.reduce((sum, each) => sum + each.weight, 0) > LARGEST) throw refuse("too much weight");
}

function readTerms(fields, mode) {
  const flag = (it, name) => it.flag(name);
  const seconds = (it, name) => it.integer(name, 0, LONGEST_SECONDS);
  const isBinding = fields.optional("binding", flag, true);
  return {
    seats: fields.optional("seats", (it, name) => readSeats(it.within(name))),
    cap: fields.optional("cap", (it, name) => readCap(it.within(name))),
    quota: fields.optional("quota", (it, name) => it.oneOf(name, ["declared", "optimal"]), "declared"),
    double: fields.optional("double", (it, name) => readDoubled(it.within(name))),
    maySplit: fields.optional("may_split", flag, false),
    needsLeaves: fields.optional("leaves", flag, mode === "members"),
    isBinding,
    veto: fields.optional("veto", (it, name) => readVetoRight(it.within(name))),
    ratification: fields.optional("ratification", (it, name) => readRatification(it.within(name))),
    recount: fields.optional("recount", (it, name) => readRecounting(it.within(name))),
    amendment: fields.optional("amendment", (it, name) => readRule(it.value(name), isBinding)),
    shortestWindowSeconds: fields.optional("shortest_window_seconds", seconds, 0),
    jurisdiction: fields.optional("jurisdiction", (it, name) => it.text(name)),
    adoptedBy: fields.optional("adopted_by", (it, name) => it.reference(name)),
  };
}

function proper(fields, name) {
  const share = fields.share(name);
  if (share.isZero || share.against(ONE) > 0) throw refuse(`'${name}' must lie above 0 and be at most 1`);
  return share;
}

function readSeats(fields) {
  if (fields.isAbsent("total")) {
    fields.only("least", "most");
    const least = fields.integer("least", 1, MOST_SEATS);
    return { least, most: fields.integer("most", least, MOST_SEATS), total: 0 };
  }
  fields.only("total", "method");
  const total = fields.integer("total", 1, MOST_SEATS);
  return { total, method: fields.oneOf("method", Object.keys(SEAT_METHODS)), most: 0 };
}

function readCap(fields) {
  fields.only("share", "by_size");
  const cap = { share: proper(fields, "share"), bySize: new Map() };
  if (fields.isAbsent("by_size")) return cap;
  const sizes = fields.within("by_size");
  const names = Object.keys(sizes.members);
  if (names.length > LONGEST_LIST || !names.every((name) => /^[1-9]\d{0,5}$/.test(name))) throw refuse("by_size");
  for (const name of names) {
    cap.bySize.set(Number(name), sizes.text(name) === "unanimity" ? null : proper(sizes, name));
  }
  return cap;
}

function readDoubled(fields) {
  fields.only("members", "blocking", "abstain_as_against");
  return {
    share: proper(fields, "members"),
    blocking: fields.optional("blocking", (it, name) => it.integer(name, 1)),
    abstainAsAgainst: fields.optional("abstain_as_against", (it, name) => it.flag(name), false),
  };
}

function readVetoRight(fields) {
  fields.only("types", "override");
  const types = fields.list("types");
  const isSound = types.length > 0 && types.length <= LONGEST_LIST && new Set(types).size === types.length;
  if (!isSound || !types.every((one) => typeof one === "string" && one)) throw refuse("'types' must be words");
  return { types, override: fields.optional("override", proper) };
}

function readRecounting(fields) {
  fields.only("within_seconds");
  return { withinSeconds: fields.integer("within_seconds", 1, LONGEST_SECONDS) };
}

function readRatification(fields) {
  fields.only("kind", "share", "within_seconds");
  const isThreshold = fields.oneOf("kind", ["unanimity", "threshold"]) === "threshold";
  if (!isThreshold && !fields.isAbsent("share")) throw refuse("'share' belongs to a ratification by threshold");
  const withinSeconds = fields.integer("within_seconds", 1, LONGEST_SECONDS);
  return { withinSeconds, share: isThreshold ? proper(fields, "share") : null };
}

// Co-operative law of some places: a statute that names one must have its terms.
const SPANISH_CAP = { cap: { share: "1/3", by_size: { 1: "1/1", 2: "unanimity", 3: "2/5" } } };
const JURISDICTIONS = new Map([
  ["es-second-degree", SPANISH_CAP],
  ["es-madrid", SPANISH_CAP],
  ["eu-sce", {
    amendment: {
      method: "threshold",
      preset: "two-thirds",
      threshold: "2/3",
      strict: false,
      of: "decisive",
      quorum: {
        kind: "participation",
        share: "1/2",
        abstain_counts: true,
        second_call: { after_seconds: 604_800, share: "0/1" },
      },
      tie: "status_quo",
      closes_early: false,
    },
  }],
]);

function capDocument(cap) {
  if (!cap) return null;
  const bySize = [...cap.bySize].map(([size, share]) => [size, share ? share.share : "unanimity"]);
  return { share: cap.share.share, by_size: Object.fromEntries(bySize) };
}

function isOutsideJurisdiction({ terms }) {
  if (terms.jurisdiction === null) return false;
  const asked = JURISDICTIONS.get(terms.jurisdiction);
  const written = { cap: capDocument(terms.cap), amendment: terms.amendment && ruleDocument(terms.amendment) };
  return !asked || !Object.keys(asked).every((name) => alike(asked[name], written[name]));
}

function isUnreachableCap(statute) {
  const share = capShare(statute);
  if (!share) return false;
  const weighty = MODES[statute.mode].weigh(statute).filter((weight) => !weight.isZero).length;
  return share.times(whole(weighty)).against(ONE) < 0;
}

// Combinations that cannot be applied, in the order in which they are looked for.
const CHECKS = [
  [
    ({ mode, terms, constituents }) =>
      (MODES[mode].needsMembers || terms.needsLeaves) && !constituents.every((each) => each.members),
    "the number of members of every constituent is needed",
  ],
  [({ mode, terms }) => mode === "degressive" && !terms.seats?.most, "degressive seats need a least and a most"],
  [({ mode, terms }) => mode === "delegates" && !terms.seats?.total, "delegates need a total of seats"],
  [({ mode, terms }) => terms.seats && !["degressive", "delegates"].includes(mode), "this mode gives out no seats"],
  [({ mode, terms }) => Boolean(terms.double) !== (mode === "double"), "a second share belongs to the mode double"],
  [({ rule, terms }) => terms.double && rule.strict && terms.double.share.is(ONE), "more than all members"],
  [
    ({ mode, rule, terms }) =>
      rule.quorum?.kind === "rejection" && (mode === "double" || terms.quota === "optimal"),
    "a rejection quorum decides alone",
  ],
  [({ mode, terms }) => terms.quota === "optimal" && mode !== "sqrt", "the optimal quota is that of square roots"],
  [({ terms }) => terms.quota === "optimal" && terms.cap, "the optimal quota holds without a cap"],
  [({ mode, terms }) => terms.cap && !MODES[mode].mayCap, "this mode has no weights that could be capped"],
  [isUnreachableCap, "so few constituents cannot all stay below this share"],
  [({ mode, terms }) => terms.maySplit && !MODES[mode].maySplit, "this mode has no weight that a body could split"],
  [({ mode, terms }) => mode === "members" && !terms.needsLeaves, "the count of every co-op below is needed"],
  [({ mode, rule }) => mode === "members" && rule.tie.includes("previous_stage"), "that is this stage itself"],
  [
    ({ terms }) => !terms.isBinding && (terms.veto || terms.ratification || terms.recount),
    "nobody is bound by advice",
  ],
  [({ rule, terms }) => terms.recount && rule.tie.includes("lot"), "whoever comes late could choose the lot"],
  [({ terms }) => terms.veto?.override && terms.veto.override.against(HALF) <= 0, "a weak override"],
  [isOutsideJurisdiction, "its terms are not those of the preset it names"],
];
