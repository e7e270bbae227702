// What each constituent weighs in each mode, and the rule as the statute applies it (G6).
import { HALF, Fraction, ONE, root, whole } from "../ground/fractions.js";
import { makeRule } from "./rules.js";
import { capped, degressive, SEAT_METHODS } from "./seats.js";

const ROOT_SCALE = 10n ** 12n;

const sizesOf = ({ constituents }) => constituents.map((each) => ({ name: each.body, size: each.members ?? 0 }));
export const memberCounts = (statute) => sizesOf(statute).map(({ size }) => whole(size));
const rootOf = (count) => root(count * ROOT_SCALE);

const oneEach = ({ constituents }) => constituents.map(() => ONE);
const asLaidDown = ({ constituents }) => constituents.map((each) => whole(each.weight));
const roots = (statute) => sizesOf(statute).map(({ size }) => whole(rootOf(BigInt(size))));

function byRange(statute) {
  const { least, most } = statute.terms.seats;
  return degressive(sizesOf(statute), least, most).map(whole);
}

function byDelegates(statute) {
  const { method, total } = statute.terms.seats;
  return SEAT_METHODS[method](sizesOf(statute), total).map(whole);
}

export const MODES = {
  heads: { weigh: oneEach },
  weights: { weigh: asLaidDown, mayCap: true, maySplit: true },
  members: { weigh: memberCounts, needsMembers: true },
  proportional: { weigh: asLaidDown, mayCap: true },
  double: { weigh: oneEach, needsMembers: true },
  sqrt: { weigh: roots, needsMembers: true, mayCap: true },
  degressive: { weigh: byRange, needsMembers: true, mayCap: true, maySplit: true },
  delegates: { weigh: byDelegates, needsMembers: true, mayCap: true, maySplit: true },
};

// What each constituent weighs, in the order of the statute, after its cap.
export function weightsOf(statute) {
  const raw = MODES[statute.mode].weigh(statute);
  const share = capShare(statute);
  return share ? capped(raw, share) : raw;
}

function capAmong({ terms, constituents }) {
  if (!terms.cap || !constituents.length) return undefined;
  return terms.cap.bySize.has(constituents.length) ? terms.cap.bySize.get(constituents.length) : terms.cap.share;
}

// The largest share of one constituent; null where there is none, or unanimity stands in for it.
export const capShare = (statute) => capAmong(statute) ?? null;

// The rule as the statute applies it: unanimity where a cap asks for it, q* of square roots, abstaining as against.
export function effectiveRule(statute, rule) {
  if (capAmong(statute) === null) return makeRule({ ...rule, threshold: ONE, strict: false, of: "electorate" });
  if (statute.terms.quota === "optimal" && statute.constituents.length) {
    return makeRule({ ...rule, threshold: optimalQuota(sizesOf(statute)), strict: false, of: "electorate" });
  }
  if (statute.terms.double?.abstainAsAgainst && rule.of === "decisive") return makeRule({ ...rule, of: "cast" });
  return rule;
}

// q* = (1 + √ΣN / Σ√N) / 2, in the same integers as the weights.
function optimalQuota(sizes) {
  const sum = sizes.reduce((all, { size }) => all + BigInt(size), 0n);
  const rootsSum = sizes.reduce((all, { size }) => all + rootOf(BigInt(size)), 0n);
  return new Fraction(rootsSum + rootOf(sum), rootsSum).times(HALF);
}

// How many units are shown as 1.
export function denominatorOf(statute) {
  if (statute.mode === "sqrt") return Number(root(ROOT_SCALE));
  return MODES[statute.mode].weigh === asLaidDown ? statute.denominator : 1;
}
