// Exact numbers: whole ones and fractions of any length. Floating point decides nothing here.

const DECIMAL_BITS = 6000;
const LARGEST = BigInt(Number.MAX_SAFE_INTEGER);

function divisor(one, other) {
  while (other) [one, other] = [other, one % other];
  return one < 0n ? -one : one;
}

export class Fraction {
  constructor(above, below = 1n) {
    const shared = below === 1n ? 1n : divisor(above, below) * (below < 0n ? -1n : 1n);
    this.above = above / shared;
    this.below = below / shared;
  }

  plus(other) {
    if (this.below === other.below) return new Fraction(this.above + other.above, this.below);
    return new Fraction(this.above * other.below + other.above * this.below, this.below * other.below);
  }

  minus(other) {
    return this.plus(new Fraction(-other.above, other.below));
  }

  times(other) {
    return new Fraction(this.above * other.above, this.below * other.below);
  }

  over(other) {
    return new Fraction(this.above * other.below, this.below * other.above);
  }

  // Negative, zero or positive, as a comparison for sorting wants it.
  against(other) {
    const difference = this.above * other.below - other.above * this.below;
    return difference < 0n ? -1 : Number(difference > 0n);
  }

  is(other) {
    return this.above === other.above && this.below === other.below;
  }

  get isZero() {
    return this.above === 0n;
  }

  // The largest whole number that is not above a positive fraction.
  get whole() {
    return this.above / this.below;
  }

  toString() {
    return this.below === 1n ? `${this.above}` : `${this.above}/${this.below}`;
  }

  // A share as rules write it, always with both parts.
  get share() {
    return `${this.above}/${this.below}`;
  }

  // A count as documents write it: a number where every reader keeps it, else text in lowest terms.
  get document() {
    if (this.below === 1n && this.above <= LARGEST) return Number(this.above);
    const isLong = [this.above, this.below].some((part) => part.toString(2).length > DECIMAL_BITS);
    return isLong ? `0x${this.above.toString(16)}/0x${this.below.toString(16)}` : this.share;
  }
}

export const whole = (number) => new Fraction(BigInt(number));
export const ZERO = whole(0);
export const ONE = whole(1);
export const HALF = new Fraction(1n, 2n);

export const larger = (one, other) => (one.against(other) < 0 ? other : one);
export const smaller = (one, other) => (one.against(other) > 0 ? other : one);

// The exact sum; counts of one denominator are added first, so that thousands of fractions stay quick.
export function total(counts) {
  const byDenominator = new Map();
  for (const count of counts) byDenominator.set(count.below, (byDenominator.get(count.below) ?? 0n) + count.above);
  let shares = [...byDenominator].map(([below, above]) => new Fraction(above, below));
  while (shares.length > 1) {
    const pairs = shares.filter((_, at) => at % 2 === 0);
    shares = pairs.map((share, at) => (2 * at + 1 < shares.length ? share.plus(shares[2 * at + 1]) : share));
  }
  return shares[0] ?? ZERO;
}

// The whole square root, rounded down.
export function root(number) {
  if (number < 2n) return number;
  let guess = 1n << BigInt((number.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (guess + number / guess) >> 1n;
    if (next >= guess) return guess;
    guess = next;
  }
}
