// One JSON value, one text: RFC 8785. Refuses what the node's own reader refuses.
import { digestOf } from "./sha256.js";

const DEEPEST = 1000;
const FLOATS_FROM = 1e21;

export class NoForm extends Error {}

function numberText(number) {
  const isWhole = Number.isInteger(number) && Math.abs(number) < FLOATS_FROM;
  if (!Number.isFinite(number) || (isWhole && !Number.isSafeInteger(number))) throw new NoForm("a number");
  return JSON.stringify(number);
}

function text(string) {
  if (!string.isWellFormed()) throw new NoForm("half a character");
  return JSON.stringify(string);
}

function members(value, depth) {
  return Object.keys(value).sort().map((name) => [name, `${text(name)}:${canonical(value[name], depth + 1)}`]);
}

const inBraces = (pairs) => `{${pairs.map(([, written]) => written).join(",")}}`;

// The canonical text; NoForm where there is none.
export function canonical(value, depth = 0) {
  if (depth > DEEPEST) throw new NoForm("too deep");
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") return numberText(value);
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) return `[${value.map((each) => canonical(each, depth + 1)).join(",")}]`;
  return inBraces(members(value, depth));
}

// A document's canonical text, and its content digest: that of its canonical form without the proof.
export function canonicalDocument(document) {
  const pairs = members(document, 0);
  return { text: inBraces(pairs), digest: digestOf(inBraces(pairs.filter(([name]) => name !== "proof"))) };
}

export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

// Equality as the node compares documents: there, true equals 1, and a member that is missing equals null.
export function alike(one, other) {
  const [left, right] = [one ?? null, other ?? null].map((it) => (typeof it === "boolean" ? Number(it) : it));
  if (Array.isArray(left)) {
    return Array.isArray(right) && left.length === right.length && left.every((each, at) => alike(each, right[at]));
  }
  if (!isObject(left) || !isObject(right)) return left === right;
  const names = Object.keys(left);
  const isSameSet = names.length === Object.keys(right).length && names.every((name) => Object.hasOwn(right, name));
  return isSameSet && names.every((name) => alike(left[name], right[name]));
}

// The order of code points, as texts are sorted in documents; plain comparison would look at halves of characters.
export function byCodePoint(one, other) {
  const [left, right] = [[...one], [...other]];
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const difference = left[at].codePointAt(0) - right[at].codePointAt(0);
    if (difference) return difference;
  }
  return left.length - right.length;
}
