// SHA-256 (FIPS 180-4), so that digests can be compared in the middle of a rule without waiting for the browser.
// Its constants are the first bits of roots of primes, and are worked out here in whole numbers.
import { root } from "./fractions.js";

const encoder = new TextEncoder();
const PRIMES = [];
for (let number = 2; PRIMES.length < 64; number++) {
  if (PRIMES.every((prime) => number % prime)) PRIMES.push(number);
}

function cubeRoot(number) {
  let low = 0n;
  for (let bit = 1n << 36n; bit; bit >>= 1n) if ((low + bit) ** 3n <= number) low += bit;
  return low;
}

const fraction = (wholeRoot) => Number(BigInt.asIntN(32, wholeRoot));
const START = PRIMES.slice(0, 8).map((prime) => fraction(root(BigInt(prime) << 64n)));
const ROUNDS = Int32Array.from(PRIMES, (prime) => fraction(cubeRoot(BigInt(prime) << 96n)));
const schedule = new Int32Array(64);

const turned = (word, by) => (word >>> by) | (word << (32 - by));

function padded(bytes) {
  const filled = new Uint8Array(((bytes.length + 72) >> 6) << 6);
  filled.set(bytes);
  filled[bytes.length] = 0x80;
  new DataView(filled.buffer).setBigUint64(filled.length - 8, BigInt(bytes.length) * 8n);
  return filled;
}

function fill(view, at) {
  for (let i = 0; i < 16; i++) schedule[i] = view.getInt32(at + 4 * i);
  for (let i = 16; i < 64; i++) {
    const early = schedule[i - 15];
    const late = schedule[i - 2];
    const one = turned(early, 7) ^ turned(early, 18) ^ (early >>> 3);
    const two = turned(late, 17) ^ turned(late, 19) ^ (late >>> 10);
    schedule[i] = one + schedule[i - 7] + two + schedule[i - 16];
  }
}

// The 32 bytes of the digest.
export function sha256(bytes) {
  const view = new DataView(padded(bytes).buffer);
  const state = Int32Array.from(START);
  for (let at = 0; at < view.byteLength; at += 64) {
    fill(view, at);
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
      const sum = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
      const one = (h + sum + ((e & f) ^ (~e & g)) + ROUNDS[i] + schedule[i]) | 0;
      const two = ((turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] += word));
  }
  const digest = new DataView(new ArrayBuffer(32));
  state.forEach((word, i) => digest.setInt32(4 * i, word));
  return new Uint8Array(digest.buffer);
}

export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
export const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
export const utf8 = (text) => encoder.encode(text);

// `sha256:<hex>` of bytes or of text.
export const digestOf = (content) => `sha256:${hex(sha256(typeof content === "string" ? utf8(content) : content))}`;
