// Seats and shares in whole numbers: largest averages, largest remainders, degressive, and caps (G6).
import { byCodePoint } from "../ground/canonical.js";
import { ONE, smaller, total, whole, ZERO } from "../ground/fractions.js";

// Seats one by one to the largest size / divisor(seats so far); ties to the larger size, then to the earlier name.
function byAverages(sizes, seats, divisor) {
  const heap = sizes.filter(({ size }) => size).map((each) => ({ ...each, held: 0, by: divisor(0) }));
  const isBefore = (one, other) => {
    const difference = one.size * other.by - other.size * one.by || one.size - other.size;
    return difference ? difference > 0 : byCodePoint(one.name, other.name) < 0;
  };
  const sink = (at) => {
    for (;;) {
      const next = [2 * at + 1, 2 * at + 2].filter((place) => place < heap.length);
      const first = next.reduce((best, place) => (isBefore(heap[place], heap[best]) ? place : best), at);
      if (first === at) return;
      [heap[at], heap[first]] = [heap[first], heap[at]];
      at = first;
    }
  };
  for (let at = heap.length >> 1; at >= 0; at--) if (heap.length) sink(at);
  for (let given = 0; given < seats && heap.length; given++) {
    heap[0].held += 1;
    heap[0].by = divisor(heap[0].held);
    sink(0);
  }
  const held = new Map(heap.map((each) => [each.name, each.held]));
  return sizes.map(({ name }) => held.get(name) ?? 0);
}

function hamilton(sizes, seats) {
  const everyone = sizes.reduce((sum, { size }) => sum + size, 0);
  if (!everyone) return sizes.map(() => 0);
  const quota = ({ size }) => BigInt(size) * BigInt(seats);
  const held = sizes.map((each) => Number(quota(each) / BigInt(everyone)));
  const remainder = sizes.map((each) => Number(quota(each) % BigInt(everyone)));
  const nearest = sizes.map((_, at) => at).sort(
    (one, other) =>
      remainder[other] - remainder[one] ||
      sizes[other].size - sizes[one].size ||
      byCodePoint(sizes[one].name, sizes[other].name),
  );
  const left = seats - held.reduce((sum, each) => sum + each, 0);
  for (const at of nearest.slice(0, left)) held[at] += 1;
  return held;
}

export const SEAT_METHODS = {
  sainte_lague: (sizes, seats) => byAverages(sizes, seats, (held) => 2 * held + 1),
  dhondt: (sizes, seats) => byAverages(sizes, seats, (held) => held + 1),
  hamilton,
};

// From `least` for the smallest to at most `most`, so that no larger body has fewer members for each seat.
export function degressive(sizes, least, most) {
  const order = sizes.map((_, at) => at).sort(
    (one, other) => sizes[one].size - sizes[other].size || byCodePoint(sizes[one].name, sizes[other].name),
  );
  if (!order.length) return [];
  const [smallest, largest] = [sizes[order[0]].size, sizes[order.at(-1)].size];
  const held = [];
  let [sizeBefore, seatsBefore] = [smallest, least];
  for (const at of order) {
    const { size } = sizes[at];
    const onLine = least + Math.floor(((most - least) * (size - smallest)) / Math.max(largest - smallest, 1));
    seatsBefore = Math.min(onLine, Number((BigInt(seatsBefore) * BigInt(size)) / BigInt(sizeBefore)));
    held[at] = seatsBefore;
    sizeBefore = size;
  }
  return held;
}

// Whole units in the proportion of parts, by largest remainders; nothing when the parts are all zero.
export function sharedOut(units, parts) {
  const sum = total(parts);
  if (sum.isZero) return parts.map(() => ZERO);
  const quotas = parts.map((part) => part.times(whole(units)).over(sum));
  const given = quotas.map((quota) => quota.whole);
  const missing = quotas.map((quota, at) => quota.minus(whole(given[at])));
  const nearest = parts.map((_, at) => at).sort((one, other) => missing[other].against(missing[one]) || one - other);
  const left = units - given.reduce((one, other) => one + other, 0n);
  for (const at of nearest.slice(0, Number(left))) given[at] += 1n;
  return given.map(whole);
}

// The weights with none above `share` of their sum after capping, by water-filling.
export function capped(weights, share) {
  const falling = weights.filter((weight) => !weight.isZero).sort((one, other) => other.against(one));
  let rest = total(falling);
  for (const [count, weight] of falling.entries()) {
    const level = share.times(rest).over(ONE.minus(share.times(whole(count))));
    if (weight.against(level) <= 0) return weights.map((each) => smaller(each, level));
    rest = rest.minus(weight);
  }
  return weights;
}
