// Outcomes, rules and amounts in plain words.
import { Fraction, whole, ZERO } from "../ground/fractions.js";
import { presetName } from "../rules/rules.js";

const VERDICTS = {
  passed: "Passed",
  rejected: "Rejected",
  no_quorum: "No quorum",
  empty: "Nobody to decide",
  vetoed: "Vetoed",
};
const REASONS = {
  threshold_met: "enough were for it",
  threshold_not_met: "not enough were for it",
  members_threshold_not_met: "enough bodies were for it, but not enough members behind them",
  tie: "a tie, so nothing changes",
  previous_stage: "a tie, which the members’ own count broke",
  lot: "a tie, which the lot broke",
  veto: "a constituent vetoed it",
  no_decisive_votes: "nobody was for or against",
  quorum_not_met: "too few took part",
  rejection_quorum: "enough were against it",
  rejection_quorum_not_reached: "too few were against it to stop it",
  empty_electorate: "the electorate was empty",
};
const MEASURES = {
  decisive: "of those for or against",
  cast: "of all cast",
  electorate: "of the whole electorate",
};
const QUORUMS = {
  participation: "at least {} of the electorate must take part",
  approval: "at least {} of the electorate must be for it",
  rejection: "it passes unless {} of the electorate are against it",
  bodies: "at least {} of the bodies must report",
  dynamic: "at least {} of the electorate must be for it, and more the more are against",
};
const MODES = {
  heads: "each body counts once",
  weights: "each body has the weight the statute gives it",
  members: "every member counts, whatever the bodies say",
  proportional: "each body’s weight is parted as its members were",
  double: "the bodies, and the members behind them, must both agree",
  sqrt: "each body weighs the square root of its members",
  degressive: "each body has seats, fewer for each member the larger it is",
  delegates: "each body has seats in proportion to its members",
};
const STATUSES = {
  counted: ["Counted", "done"],
  no_quorum: ["No quorum", "warn"],
  late: ["Late, not counted", "warn"],
  missing: ["Not reported", "warn"],
  invalid: ["Invalid report", "rejected"],
  equivocation: ["Said two things", "rejected"],
};
const TONES = { passed: "passed", rejected: "rejected", vetoed: "rejected", no_quorum: "warn", empty: "warn" };

export const CHOICES = { for: "For", against: "Against", abstain: "Abstain", no_quorum: "No quorum" };
export const modeWords = (mode) => MODES[mode];
export const outcomeChip = (state) => [VERDICTS[state], TONES[state]];
export const statusChip = (status) => STATUSES[status];

export const plural = (count, one, more) => `${count} ${count === 1 ? one : more}`;

// Rounded half up to at most so many decimals, trailing zeros dropped.
function decimal(number, places) {
  const scale = 10n ** BigInt(places);
  const rounded = (2n * number.above * scale + number.below) / (2n * number.below);
  const rest = String(rounded % scale).padStart(places, "0").replace(/0+$/, "");
  return `${(rounded / scale).toLocaleString("en")}${rest && `.${rest}`}`;
}

// A weight as people read it: 19 tenths are 1.9; what no short decimal can say is rounded, and marked so.
export function amount(units, denominator = 1) {
  const shown = units.over(whole(denominator));
  const isExact = (shown.above * 10_000n) % shown.below === 0n;
  return isExact ? decimal(shown, 4) : `≈ ${decimal(shown, 4)}`;
}

export const percent = (share) => `${decimal(share.times(whole(100)), 2)} %`;

// Where a part of a bar stands, in percent of its line.
export const place = (part, all) => (all.isZero ? "0%" : `${decimal(part.times(whole(100)).over(all), 2)}%`);

export function shareWords(share) {
  if (share.is(new Fraction(1n, 2n))) return "half";
  return 100n % share.below === 0n ? percent(share) : share.share;
}

const wanted = (rule) => `${rule.strict ? "more than" : "at least"} ${shareWords(rule.threshold)}`;

// The counts of an outcome, its reason and the share it looked at.
export function figures({ reason, tally, rule, denominator }) {
  const [inFavour, against, abstain] = tally.counts.map((count) => amount(count, denominator));
  const base = { decisive: tally.decisive, cast: tally.cast, electorate: tally.electorate }[rule.of] ?? ZERO;
  const needed = `${MEASURES[rule.of]}; ${wanted(rule)} needed`;
  const share = base.isZero ? "" : ` (${percent(tally.inFavour.over(base))} ${needed})`;
  return `${inFavour} for, ${against} against, ${abstain} abstained; ${REASONS[reason]}${share}.`;
}

export const sentence = (decided) => `${VERDICTS[decided.state]}: ${figures(decided)}`;

export function ruleWords(rule) {
  const name = presetName(rule);
  const quorum = rule.quorum ? `; ${QUORUMS[rule.quorum.kind].replace("{}", shareWords(rule.quorum.share))}` : "";
  return `${wanted(rule)} ${MEASURES[rule.of]}${name ? ` (${name})` : ""}${quorum}`;
}
