// Positions combined into one tally and outcome, with a line for every constituent whether it spoke or not (G6).
import { byCodePoint } from "../ground/canonical.js";
import { Refusal } from "../ground/fields.js";
import { total, whole, ZERO } from "../ground/fractions.js";
import { decide } from "./decide.js";
import { summed, Tally } from "./tallies.js";
import { effectiveRule, memberCounts, weightsOf } from "./weighing.js";

export const STATUSES = ["counted", "no_quorum", "late", "missing", "invalid", "equivocation"];
export const REACHED = ["counted", "no_quorum"];
export const HEARD = [...REACHED, "late"];
const NOBODY = [ZERO, ZERO, ZERO];

// The report that a checked position makes, in time or late.
export function reportOf(position, isLate) {
  const isWithout = !isLate && position.choice === "no_quorum";
  const { choice, tally, members, level, split } = position;
  const status = isLate ? "late" : isWithout ? "no_quorum" : "counted";
  return { status, choice, tally, members, level, split, leaves: leavesOf(position) };
}

export const silence = (status) => ({ status, choice: null, tally: null, members: null, level: 1, leaves: null });

// A co-op is its own leaf; an assembly brings those below it.
function leavesOf({ body, bodies, members, leaves, signedAt, basis }) {
  if (bodies || !members) return leaves;
  return [{ body, at: signedAt, outcome: basis.outcome.digest, tally: members, counts: true }];
}

// The decision of the assembly under `rule`, from one report for each constituent in the statute's order.
export function rollUp(statute, rule, reports, vetoedBy, lot) {
  const leaves = statute.terms.needsLeaves ? allLeaves(statute, reports) : null;
  const weights = weightsOf(statute);
  const applied = effectiveRule(statute, rule);
  const isByLeaf = statute.mode === "members" && leaves;
  const tally = isByLeaf ? leafTally(leaves) : tallyOf(statute.mode, weights, reports);
  const reached = reports.filter(({ status }) => REACHED.includes(status));
  const members = membersOf(reports, reached, leaves);
  const right = statute.terms.veto;
  const vetoes = right && vetoedBy.length ? { by: [...vetoedBy].sort(byCodePoint), override: right.override } : null;
  const further = { second: secondOf(statute, reports), vetoes, members, lot };
  const bodies = { reached: reached.length, of: reports.length };
  return {
    tally,
    lines: statute.constituents.map((each, at) => lineOf(each, weights[at], reports[at])),
    bodies,
    decided: decide(applied, tally, bodies, further),
    members,
    level: 1 + Math.max(1, ...reached.map((report) => report.level)),
    rule: applied,
    further,
    leaves,
  };
}

function lineOf({ body, name }, weight, { status, choice, split }) {
  const isHeard = HEARD.includes(status);
  const counted = status === "counted" ? weight : ZERO;
  return { body, name, weight, status, choice: isHeard ? choice : null, split: isHeard ? split : null, counted };
}

// How one constituent's weight counts: all of it for one choice, unless the mode or the body itself parts it.
function partsOf(mode, weight, { status, choice, tally, split }) {
  if (status !== "counted") return NOBODY;
  if (split) return splitParts(weight, split.map(whole));
  if (mode === "proportional") return proportionalParts(weight, tally);
  return ["for", "against", "abstain"].map((one) => (one === choice ? weight : ZERO));
}

function splitParts(weight, split) {
  if (total(split).against(weight) > 0) throw new Refusal("position-split", `more than the ${weight} units there are`);
  return [split[0], split[1], weight.minus(split[0]).minus(split[1])];
}

// Exactly W·F/D and W·A/D of the body's own tally; without anybody for or against all of it abstains.
function proportionalParts(weight, tally) {
  if (tally.decisive.isZero) return [ZERO, ZERO, weight];
  const inFavour = weight.times(tally.inFavour).over(tally.decisive);
  return [inFavour, weight.minus(inFavour), ZERO];
}

function tallyOf(mode, weights, reports) {
  const parts = weights.map((weight, at) => partsOf(mode, weight, reports[at]));
  const [inFavour, against, abstain] = [0, 1, 2].map((place) => total(parts.map((part) => part[place])));
  return new Tally(inFavour, against, abstain, total(weights));
}

// Members represented, by the choice of their body; a blocking minority of all bodies is ignored.
function secondOf(statute, reports) {
  const { double } = statute.terms;
  if (!double) return null;
  const isHeeded = double.blocking !== null && double.blocking < reports.length;
  const tally = tallyOf(statute.mode, memberCounts(statute), reports);
  return { tally, share: double.share, blocking: isHeeded ? double.blocking : null };
}

// Every co-op below, once; those of a body without quorum, and whoever was not heard, in the electorate only.
function allLeaves(statute, reports) {
  return distinct(reports.flatMap(({ status, leaves }, at) => {
    const { body, members } = statute.constituents[at];
    if (!REACHED.includes(status)) {
      const tally = new Tally(ZERO, ZERO, ZERO, whole(members ?? 0));
      return [{ body, at: null, outcome: null, tally, counts: false }];
    }
    if (!leaves) throw new Refusal("position-leaves", body);
    return status === "no_quorum" ? leaves.map((leaf) => ({ ...leaf, counts: false })) : leaves;
  }));
}

// One leaf for each body, in order: of several the one signed last.
function distinct(leaves) {
  const last = new Map();
  for (const leaf of leaves) {
    if (!last.has(leaf.body) || isBehind(last.get(leaf.body), leaf)) last.set(leaf.body, leaf);
  }
  return [...last.values()].sort((one, other) => byCodePoint(one.body, other.body));
}

function isBehind(one, other) {
  const [before, after] = [one, other].map(({ at }) => at ?? -(10n ** 18n));
  if (before !== after) return before < after;
  const [left, right] = [one, other].map(({ outcome }) => outcome ?? "");
  if (left !== right) return left < right;
  if (one.counts !== other.counts) return other.counts;
  const differences = one.tally.counts.map((count, at) => count.against(other.tally.counts[at]));
  return differences.find(Boolean) < 0;
}

function leafTally(leaves) {
  const counting = leaves.filter(({ counts }) => counts).map(({ tally }) => tally);
  const sum = (name, tallies = counting) => total(tallies.map((tally) => tally[name]));
  const everyone = leaves.map(({ tally }) => tally);
  return new Tally(
    sum("inFavour"), sum("against"), sum("abstain"), sum("electorate", everyone), sum("unresolved"),
  );
}

// The members' own counts added up, or null unless every constituent reported them in time.
function membersOf(reports, reached, leaves) {
  const complete = reached.map(({ members }) => members).filter(Boolean);
  if (!reports.length || complete.length < reports.length) return null;
  return summed(leaves ? leaves.map(({ tally }) => tally) : complete);
}
