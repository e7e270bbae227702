// Counts of one decision: for, against, abstain, and who could have taken part (G1). Exact, never negative.
import { Fraction, total, whole, ZERO } from "../ground/fractions.js";
import { Refusal } from "../ground/fields.js";

const NAMES = ["for", "against", "abstain", "electorate", "unresolved"];
const DECIMAL = "[1-9]\\d{0,2000}";
const HEXADECIMAL = "0x[1-9a-f][0-9a-f]{0,99999}";
const WRITTEN = new RegExp(`^(?:(${DECIMAL})/(${DECIMAL})|(${HEXADECIMAL})/(${HEXADECIMAL}))$`);

export class Tally {
  constructor(inFavour, against, abstain, electorate, unresolved = ZERO) {
    Object.assign(this, { inFavour, against, abstain, electorate, unresolved });
    const isNegative = this.counts.some((count) => count.above < 0n);
    if (isNegative || this.cast.plus(unresolved).against(electorate) > 0) {
      throw new Refusal("tally-malformed", "the counts contradict each other");
    }
  }

  get counts() {
    return [this.inFavour, this.against, this.abstain, this.electorate, this.unresolved];
  }

  get decisive() {
    return this.inFavour.plus(this.against);
  }

  get cast() {
    return this.decisive.plus(this.abstain);
  }

  get document() {
    return Object.fromEntries(NAMES.map((name, at) => [name, this.counts[at].document]));
  }
}

export function readTally(fields) {
  fields.only(...NAMES);
  return new Tally(...NAMES.map((name) => readCount(fields, name)));
}

function readCount(fields, name) {
  const value = fields.value(name);
  if (typeof value !== "string") return whole(fields.integer(name));
  const found = WRITTEN.exec(value);
  if (!found) throw fields.refuse(`'${name}' must be a whole number or a fraction`);
  const count = new Fraction(BigInt(found[1] ?? found[3]), BigInt(found[2] ?? found[4]));
  if (count.document !== value) throw fields.refuse(`'${name}' must be written in lowest terms`);
  return count;
}

// Tallies added member by member, for electorates that share nobody.
export const summed = (tallies) => new Tally(...NAMES.map((_, at) => total(tallies.map((tally) => tally.counts[at]))));
