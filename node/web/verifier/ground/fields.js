// Strict reading of members: the wanted shape comes back, or the caller's own refusal is thrown.
import { isObject } from "./canonical.js";
import { Fraction } from "./fractions.js";
import { readInstant } from "./instants.js";

const SHARE = /^(\d{1,40})\/(\d{1,40})$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
export const LARGEST = Number.MAX_SAFE_INTEGER;
export const LONGEST_SECONDS = 366 * 86_400;

// A rule said no.
export class Refusal extends Error {
  constructor(code, detail = "") {
    super(detail || code);
    this.code = code;
  }
}

// A check of the evidence failed; `line` counts from 1, null where no single line is to blame.
export class Failure extends Error {
  constructor(code, line = null, detail = "") {
    super(detail);
    this.code = code;
    this.line = line;
  }
}

// What `work` gives; a refusal of the rules in it becomes the failed check `code` at `line`.
export function reading(code, line, work) {
  try {
    return work();
  } catch (error) {
    throw error instanceof Refusal ? new Failure(code, line, error.message) : error;
  }
}

export class Fields {
  constructor(members, refuse) {
    this.members = members;
    this.refuse = refuse;
  }

  value(name) {
    return Object.hasOwn(this.members, name) ? this.members[name] : null;
  }

  only(...names) {
    const unknown = Object.keys(this.members).find((name) => !names.includes(name));
    if (unknown !== undefined) throw this.refuse(`unknown member '${unknown}'`);
  }

  isAbsent(name) {
    return this.value(name) === null;
  }

  text(name) {
    const value = this.value(name);
    if (typeof value !== "string" || !value) throw this.refuse(`'${name}' must be text`);
    return value;
  }

  oneOf(name, allowed) {
    const value = this.text(name);
    if (!allowed.includes(value)) throw this.refuse(`'${name}' must be one of ${allowed.join(", ")}`);
    return value;
  }

  integer(name, least = 0, most = LARGEST) {
    const value = this.value(name);
    if (!Number.isInteger(value) || value < least || value > most) {
      throw this.refuse(`'${name}' must be a whole number from ${least} to ${most}`);
    }
    return value;
  }

  seconds(name) {
    const value = this.value(name);
    if (typeof value !== "number" || value < 0 || value > LONGEST_SECONDS) {
      throw this.refuse(`'${name}' must be a duration`);
    }
    return value;
  }

  flag(name) {
    const value = this.value(name);
    if (typeof value !== "boolean") throw this.refuse(`'${name}' must be true or false`);
    return value;
  }

  instant(name) {
    const found = readInstant(this.text(name));
    if (found === null) throw this.refuse(`'${name}' must be a date and time with a time zone`);
    return found;
  }

  digest(name) {
    const value = this.text(name);
    if (!DIGEST.test(value)) throw this.refuse(`'${name}' must be a sha256 digest`);
    return value;
  }

  // A fraction of zero or more, written like 2/3.
  share(name) {
    const found = SHARE.exec(this.text(name));
    if (!found || BigInt(found[2]) === 0n) throw this.refuse(`'${name}' must be a fraction like 2/3`);
    return new Fraction(BigInt(found[1]), BigInt(found[2]));
  }

  within(name) {
    return fieldsOf(this.value(name), this.refuse, name);
  }

  list(name) {
    const value = this.value(name);
    if (!Array.isArray(value)) throw this.refuse(`'${name}' must be a list`);
    return value;
  }

  rows(name) {
    return this.list(name).map((row) => fieldsOf(row, this.refuse, name));
  }

  reference(name) {
    const inner = this.within(name);
    inner.only("id", "digest");
    return { id: inner.text("id"), digest: inner.digest("digest") };
  }

  // What `read` makes of a member, or `otherwise` where the member is missing or null.
  optional(name, read, otherwise = null) {
    return this.isAbsent(name) ? otherwise : read(this, name);
  }
}

export function fieldsOf(value, refuse, name = "document") {
  if (!isObject(value)) throw refuse(`'${name}' must be an object`);
  return new Fields(value, refuse);
}

// The members of a governance document and of its `governance`, which must be of `kind`.
export function governanceOf(document, kind, refuse) {
  const outer = fieldsOf(document, refuse);
  const inner = outer.within("governance");
  inner.oneOf("kind", [kind]);
  return [outer, inner];
}

export const isSameReference = (one, other) => one.id === other.id && one.digest === other.digest;
