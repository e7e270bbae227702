// Decision rules and quorums, and their JSON (G1, G5).
import { fieldsOf, LONGEST_SECONDS, Refusal } from "../ground/fields.js";
import { Fraction, HALF, ONE, smaller } from "../ground/fractions.js";

export const BASES = ["decisive", "cast", "electorate"];
export const QUORUM_KINDS = ["participation", "approval", "rejection", "bodies", "dynamic"];
export const METHODS = ["threshold"];
export const TIES = ["status_quo", "previous_stage", "lot"];
const KEYS = ["method", "preset", "threshold", "strict", "of", "quorum", "tie", "closes_early"];

const bad = (code, detail = "") => new Refusal(code, detail);
const refuse = (detail) => bad("rule-malformed", detail);

// A sound rule, or a refusal for one that cannot be reached.
export function makeRule(members) {
  const rule = { strict: false, of: "decisive", quorum: null, tie: ["status_quo"], closesEarly: false, ...members };
  const { threshold, strict, tie } = rule;
  const isReachable = threshold.above > 0n && threshold.against(ONE) <= 0 && !(strict && threshold.is(ONE));
  if (!isReachable) throw bad("rule-threshold");
  const isKnown = tie.length > 0 && tie.every((way) => TIES.includes(way));
  if (!isKnown || tie.slice(0, -1).some((way) => way !== "previous_stage")) throw bad("rule-tie", tie.join(", "));
  return { method: "threshold", ...rule };
}

const share = (above, below) => new Fraction(BigInt(above), BigInt(below));

export const PRESETS = new Map([
  ["majority", makeRule({ threshold: HALF, strict: true })],
  ["supermajority-66", makeRule({ threshold: share(66, 100) })],
  ["two-thirds", makeRule({ threshold: share(2, 3) })],
  ["three-quarters", makeRule({ threshold: share(3, 4) })],
  ["consensus-85", makeRule({ threshold: share(85, 100) })],
  ["absolute-majority", makeRule({ threshold: HALF, strict: true, of: "electorate" })],
  ["unanimity", makeRule({ threshold: ONE })],
]);

const isSameMeasure = (one, other) =>
  one.threshold.is(other.threshold) && one.strict === other.strict && one.of === other.of;

export function presetName(rule) {
  return [...PRESETS].find(([, preset]) => isSameMeasure(preset, rule))?.[0] ?? null;
}

// The rule in JSON. A statute says whether it is binding, and may then leave `of` out (G6); elsewhere that is null.
export function readRule(document, isBinding = null) {
  let fields = fieldsOf(document, refuse, "rule");
  fields.only(...KEYS);
  if (isBinding !== null && !fields.isAbsent("threshold") && fields.isAbsent("of")) {
    const isMajority = fields.share("threshold").against(HALF) <= 0;
    const of = isBinding && !isMajority ? "electorate" : "decisive";
    fields = fieldsOf({ ...fields.members, of }, refuse, "rule");
  }
  return makeRule({
    ...readMeasure(fields),
    method: fields.optional("method", (it, name) => it.oneOf(name, METHODS), "threshold"),
    quorum: fields.optional("quorum", (it, name) => readQuorum(it.within(name))),
    tie: readTies(fields),
    closesEarly: fields.optional("closes_early", (it, name) => it.flag(name), false),
  });
}

function readMeasure(fields) {
  const preset = fields.optional("preset", (it, name) => it.oneOf(name, [...PRESETS.keys()]));
  if (preset !== null && fields.isAbsent("threshold")) {
    if (!fields.isAbsent("strict") || !fields.isAbsent("of")) throw bad("rule-preset", "a threshold is missing");
    return PRESETS.get(preset);
  }
  const of = fields.oneOf("of", BASES);
  const written = { threshold: fields.share("threshold"), strict: fields.flag("strict"), of };
  if (preset !== null && !isSameMeasure(written, PRESETS.get(preset))) throw bad("rule-preset", `not ${preset}`);
  return written;
}

function readTies(fields) {
  const written = fields.value("tie") ?? "status_quo";
  return typeof written === "string" ? [written] : fields.list("tie");
}

function readQuorum(fields) {
  fields.only("kind", "share", "abstain_counts", "most", "slope", "second_call");
  const hasSlope = !(fields.isAbsent("most") && fields.isAbsent("slope"));
  return checkedQuorum({
    kind: fields.oneOf("kind", QUORUM_KINDS),
    share: fields.share("share"),
    abstainCounts: fields.optional("abstain_counts", (it, name) => it.flag(name), true),
    dynamic: hasSlope ? { most: fields.share("most"), slope: fields.share("slope") } : null,
    secondCall: fields.optional("second_call", (it, name) => readSecondCall(it.within(name))),
  });
}

function readSecondCall(fields) {
  fields.only("after_seconds", "share");
  return { afterSeconds: fields.integer("after_seconds", 0, LONGEST_SECONDS), share: fields.share("share") };
}

function checkedQuorum(quorum) {
  const { kind, dynamic, secondCall } = quorum;
  const shares = [quorum.share, secondCall?.share, dynamic?.most].filter(Boolean);
  const isSound =
    shares.every((each) => each.against(ONE) <= 0) &&
    !(kind === "rejection" && shares.some((each) => each.isZero)) &&
    (kind === "dynamic") === (dynamic !== null) &&
    !(dynamic && dynamic.most.against(quorum.share) < 0) &&
    !(secondCall && (secondCall.share.against(quorum.share) > 0 || kind === "rejection"));
  if (!isSound) throw bad("rule-quorum");
  return quorum;
}

// The share that this tally has to reach; only a dynamic quorum looks at the tally.
export function askedShare(quorum, tally) {
  if (!quorum.dynamic) return quorum.share;
  const { most, slope } = quorum.dynamic;
  return smaller(most, quorum.share.plus(slope.times(tally.against).over(tally.electorate)));
}

// After how many seconds a decision without quorum is called again, and the rule it then follows; null for one call.
export function secondCall(rule) {
  const { quorum } = rule;
  if (!quorum?.secondCall) return null;
  const { afterSeconds, share: lower } = quorum.secondCall;
  const asked = lower.isZero ? null : { ...quorum, share: lower, secondCall: null };
  return { afterSeconds, rule: { ...rule, quorum: asked } };
}

function quorumDocument(quorum) {
  if (!quorum) return null;
  const { kind, share: least, abstainCounts, dynamic, secondCall } = quorum;
  const climbing = dynamic ? { most: dynamic.most.share, slope: dynamic.slope.share } : {};
  const again = secondCall
    ? { second_call: { after_seconds: secondCall.afterSeconds, share: secondCall.share.share } }
    : {};
  return { kind, share: least.share, abstain_counts: abstainCounts, ...climbing, ...again };
}

// The full JSON of a rule, with every member written out.
export function ruleDocument(rule) {
  return {
    method: rule.method,
    preset: presetName(rule),
    threshold: rule.threshold.share,
    strict: rule.strict,
    of: rule.of,
    quorum: quorumDocument(rule.quorum),
    tie: rule.tie.length === 1 ? rule.tie[0] : rule.tie,
    closes_early: rule.closesEarly,
  };
}

export const isSameRule = (one, other) => JSON.stringify(ruleDocument(one)) === JSON.stringify(ruleDocument(other));
