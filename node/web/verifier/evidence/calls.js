// Second calls and ratifications: which call an outcome is of, and what a decision makes binding (G5, G6).
import { Failure, governanceOf, isSameReference, reading, Refusal } from "../ground/fields.js";
import { ONE } from "../ground/fractions.js";
import { instantText } from "../ground/instants.js";
import { decide } from "../rules/decide.js";
import { REACHED } from "../rules/roll_up.js";
import { isSameRule, makeRule, secondCall } from "../rules/rules.js";
import { readTally } from "../rules/tallies.js";
import { checkSigned } from "./signers.js";

const [FIRST, SECOND] = [1, 2];
const MICROSECONDS = 1_000_000n;

// The members of an outcome, whose faults are those of its call.
function membersOf({ document, number }) {
  const malformed = (detail) => new Failure("outcome-malformed", number, detail);
  const [, fields] = governanceOf(document, "outcome", malformed);
  fields.refuse = (detail) => new Failure("outcome-call", number, detail);
  return fields;
}

function readCall(fields) {
  if (fields.isAbsent("call")) return null;
  const call = fields.within("call");
  call.only("number", "again_at", "first");
  return {
    number: call.integer("number", FIRST, SECOND),
    againAt: call.optional("again_at", (it, name) => it.instant(name)),
    first: call.optional("first", (it, name) => it.reference(name)),
  };
}

export function callDocument({ number, againAt, first }) {
  const again = againAt === null ? {} : { again_at: instantText(againAt) };
  return { number, ...again, ...(first ? { first } : {}) };
}

// The frozen terms as they are in the second call; null where the rule knows none.
function inSecondCall(terms) {
  const again = secondCall(terms.rule);
  if (!again) return null;
  return { ...terms, closesAt: terms.closesAt + BigInt(again.afterSeconds) * MICROSECONDS, rule: again.rule };
}

// The call an outcome names, null where it names none, and the terms that hold in it. An answer to an assembly is
// called again if that ends before the assembly's close, and only then; no mandate, and it is not in the evidence.
export async function checkedCall(shelf, outcome, by, terms, { proposal, mandate }) {
  const fields = membersOf(outcome);
  const [call, second] = [readCall(fields), inSecondCall(terms)];
  if (!call && !second) return { call, terms };
  const isSound = call && second && call.againAt === null && (call.first === null) === (call.number === FIRST);
  if (!isSound) throw fields.refuse("not a call of this rule");
  if (!call.first) {
    const hasTime = !terms.upstream || (mandate && second.closesAt < mandate.closesAt);
    if (fields.text("outcome") === "no_quorum" && hasTime) throw fields.refuse("its second call is still to come");
    return { call, terms };
  }
  if (fields.instant("closed_at") < second.closesAt) throw fields.refuse("before the second call");
  if (mandate && second.closesAt >= mandate.endsAt) throw fields.refuse("it ended when the assembly's was over");
  const first = shelf.take("outcome", call.first);
  await checkSigned(first, by, "outcome-signature");
  checkFirst(first, terms, proposal, second.closesAt);
  return { call, terms: second };
}

// It is about this proposal, says when it is called again, and its own tally misses the quorum.
function checkFirst(line, terms, proposal, againAt) {
  const fields = membersOf(line);
  const isAbout = isSameReference(fields.reference("proposal"), proposal) && fields.text("body") === terms.body;
  if (!isAbout) throw fields.refuse("about another proposal");
  const call = readCall(fields);
  const isFirst = call && call.number === FIRST && call.againAt === againAt && !call.first;
  if (!isFirst) throw fields.refuse("no first call with a second one to come");
  if (!fields.isAbsent("nonce") || !fields.isAbsent("lot")) throw fields.refuse("it reveals the lot of the second");
  const bodies = bodiesOf(fields);
  checkClose(line.number, fields.instant("closed_at"), terms, hasAllSpoken(fields, bodies, terms));
  const found = reading("outcome-call", line.number, () =>
    decide(terms.rule, readTally(fields.within("tally")), bodies),
  );
  const isStated = found.state === fields.text("outcome") && found.reason === fields.text("reason");
  if (!isStated || found.state !== "no_quorum") throw fields.refuse("its quorum was not missed");
}

// By its own word: what was cast and reported in a first call may have been superseded in the second.
function hasAllSpoken(fields, bodies, terms) {
  if (!bodies) return fields.within("ballots").integer("count") === terms.electorate.count;
  return bodies.reached === bodies.of;
}

// Nothing, if an outcome was declared after the close, or when all had spoken where its rule closes then.
export function checkClose(number, closedAt, terms, allSpoke) {
  const mayBeEarly = terms.rule.closesEarly && allSpoke && closedAt >= terms.opensAt;
  if (closedAt < terms.closesAt && !mayBeEarly) throw new Failure("outcome-early", number);
}

function bodiesOf(fields) {
  if (fields.isAbsent("constituents")) return null;
  const statuses = fields.rows("constituents").map((row) => row.text("status"));
  return { reached: statuses.filter((status) => REACHED.includes(status)).length, of: statuses.length };
}

// The finding of a call; a second one states the rule it went by.
export function ofCall(finding, call, rule) {
  return { ...finding, call, rule: call?.number === SECOND ? rule : finding.rule };
}

// Whether a decision that ended so binds nobody before its constituents ratify it.
export function needsRatification(statute, terms, { state }) {
  return state === "passed" && !terms.upstream && !terms.ratifies && statute.terms.ratification !== null;
}

// The statute as positions on this proposal are counted under it: a ratification goes by weight alone.
export function countedUnder(statute, { ratifies }) {
  if (!ratifies) return statute;
  return { ...statute, terms: { ...statute.terms, double: null, quota: "declared", veto: null } };
}

// Nothing, if these terms ratify the others as their statute lays it down.
export function checkRatification(terms, of, statute) {
  const refuse = (detail) => new Refusal("proposal-invalid", detail);
  const { ratification } = statute.terms;
  const isOne = ratification && terms.type === "ratification" && !terms.upstream && !of.upstream && !of.ratifies;
  if (!isOne) throw refuse("nothing here is to be ratified");
  const rule = makeRule({ threshold: ratification.share ?? ONE, of: "electorate", closesEarly: true });
  const isInTime = terms.closesAt - terms.opensAt === BigInt(ratification.withinSeconds) * MICROSECONDS;
  if (!isSameRule(rule, terms.rule) || !isInTime) throw refuse("not by this rule or within this time");
  const asked = ({ body, actor, electorate, textDigest }) => JSON.stringify([body, actor, electorate, textDigest]);
  if (asked(terms) !== asked(of)) throw refuse("of another text, statute or body");
}
