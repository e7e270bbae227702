// What a rule makes of a tally: state, reason, and a trace anyone can follow by hand (G1, G4, G5).
import { Refusal } from "../ground/fields.js";
import { HALF, whole } from "../ground/fractions.js";
import { drawn } from "./lots.js";
import { askedShare, makeRule } from "./rules.js";

export const STATES = ["passed", "rejected", "no_quorum", "empty", "vetoed"];
export const REASONS = [
  "threshold_met",
  "threshold_not_met",
  "members_threshold_not_met",
  "tie",
  "previous_stage",
  "lot",
  "no_decisive_votes",
  "quorum_not_met",
  "rejection_quorum",
  "rejection_quorum_not_reached",
  "empty_electorate",
  "veto",
];
export const NOTHING = { second: null, vetoes: null, members: null, lot: null };

const BASES = {
  decisive: (tally) => tally.decisive,
  cast: (tally) => tally.cast,
  electorate: (tally) => tally.electorate,
};
const QUORUM_COUNTS = {
  participation: (quorum, tally) => (quorum.abstainCounts ? tally.cast : tally.decisive),
  approval: (_, tally) => tally.inFavour,
  rejection: (_, tally) => tally.against,
  dynamic: (_, tally) => tally.inFavour,
};

const outcome = (state, reason, trace) => ({ state, reason, trace });

// A share tested without dividing: count · below against above · base.
function compared(label, count, base, share, isStrict = false) {
  const left = count.times(whole(share.below));
  const right = base.times(whole(share.above));
  const isMet = isStrict ? left.against(right) > 0 : left.against(right) >= 0;
  const sign = isStrict ? ">" : ">=";
  const verdict = isMet ? "holds" : "does not hold";
  return { isMet, line: `${label}: ${count} of ${base}, share ${share.share}: ${left} ${sign} ${right} ${verdict}` };
}

// The outcome of a tally. `bodies` is {reached, of} where constituents report; a bodies quorum needs it.
export function decide(rule, tally, bodies = null, further = NOTHING) {
  if (tally.electorate.isZero) return outcome("empty", "empty_electorate", ["electorate: 0"]);
  if (!rule.quorum) return afterVetoes(byThreshold(rule, tally, [], further), tally, further.vetoes);
  const { isMet, line } = comparedQuorum(rule.quorum, tally, bodies);
  if (rule.quorum.kind === "rejection") {
    const decided = isMet
      ? outcome("rejected", "rejection_quorum", [line])
      : outcome("passed", "rejection_quorum_not_reached", [line]);
    return afterVetoes(decided, tally, further.vetoes);
  }
  if (!isMet) return outcome("no_quorum", "quorum_not_met", [line]);
  return afterVetoes(byThreshold(rule, tally, [line], further), tally, further.vetoes);
}

function comparedQuorum(quorum, tally, bodies) {
  const label = `quorum ${quorum.kind}`;
  if (quorum.kind !== "bodies") {
    const count = QUORUM_COUNTS[quorum.kind](quorum, tally);
    return compared(label, count, tally.electorate, askedShare(quorum, tally));
  }
  if (!bodies) throw new Refusal("rule-quorum", "only an assembly has constituents to count");
  return compared(label, whole(bodies.reached), whole(bodies.of), quorum.share);
}

function byThreshold(rule, tally, before, further) {
  if (tally.decisive.isZero) return outcome("rejected", "no_decisive_votes", [...before, "decisive: 0"]);
  const base = BASES[rule.of](tally);
  const { isMet, line } = compared(`for, of ${rule.of}`, tally.inFavour, base, rule.threshold, rule.strict);
  const trace = [...before, line];
  if (isMet && further.second) return bySecond(rule, tally, trace, further.second);
  if (isMet) return outcome("passed", "threshold_met", trace);
  if (rule.threshold.is(HALF) && tally.inFavour.is(tally.against)) {
    return untied(tally.inFavour.times(whole(2)).is(base) ? rule.tie : ["status_quo"], trace, further);
  }
  return outcome("rejected", "threshold_not_met", trace);
}

// Enough bodies are for it; now whether enough members stand behind them, or too few bodies oppose them (G6).
function bySecond(rule, heads, before, second) {
  const asked = makeRule({ ...rule, threshold: second.share });
  const base = BASES[rule.of](second.tally);
  const label = `members for, of ${rule.of}`;
  const { isMet, line } = compared(label, second.tally.inFavour, base, asked.threshold, asked.strict);
  const trace = [...before, line];
  if (isMet) return outcome("passed", "threshold_met", trace);
  const opposed = BASES[rule.of](heads).minus(heads.inFavour);
  if (second.blocking !== null && opposed.against(whole(second.blocking)) < 0) {
    const few = `blocking minority: ${opposed} of the ${second.blocking} bodies that could stop it`;
    return outcome("passed", "threshold_met", [...trace, few]);
  }
  return outcome("rejected", "members_threshold_not_met", trace);
}

function untied(ways, trace, further) {
  for (const way of ways) {
    const winner = TIE_BREAKS[way](further);
    if (winner) return outcome(winner === "for" ? "passed" : "rejected", way, [...trace, `tie: ${way} says ${winner}`]);
  }
  return outcome("rejected", "tie", [...trace, "tie: status_quo stands"]);
}

function byPreviousStage({ members }) {
  if (!members || members.inFavour.is(members.against)) return null;
  return members.inFavour.against(members.against) > 0 ? "for" : "against";
}

const TIE_BREAKS = {
  status_quo: () => null,
  previous_stage: byPreviousStage,
  lot: ({ lot }) => (lot ? drawn(lot, ["for", "against"])[0] : null),
};

function afterVetoes(decided, tally, vetoes) {
  if (!vetoes || !vetoes.by.length || decided.state !== "passed") return decided;
  const trace = [...decided.trace, `vetoed by ${[...vetoes.by].sort().join(", ")}`];
  if (!vetoes.override) return outcome("vetoed", "veto", trace);
  const { isMet, line } = compared("override, of electorate", tally.inFavour, tally.electorate, vetoes.override);
  return isMet ? { ...decided, trace: [...trace, line] } : outcome("vetoed", "veto", [...trace, line]);
}
