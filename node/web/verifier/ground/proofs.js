// Who signed: multibase keys, did:key, and eddsa-jcs-2022 proofs. The curve itself is the browser's own (WebCrypto).
import { alike, canonical, isObject } from "./canonical.js";
import { Refusal } from "./fields.js";
import { readInstant } from "./instants.js";
import { sha256, unhex, utf8 } from "./sha256.js";

const DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const MULTIBASE = /^z[1-9A-HJ-NP-Za-km-z]+$/;
const LONGEST = 128;
const PRIME = 2n ** 255n - 19n;
// The y coordinates of points whose order divides 8: under such a "key" one signature fits many messages.
const SMALL_ORDER = [
  0n,
  1n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
  PRIME - 1n,
];
const known = new Map();

const malformed = (detail) => new Refusal("malformed", detail);

function base58(text) {
  if (typeof text !== "string" || text.length > LONGEST || !MULTIBASE.test(text)) throw malformed("not multibase");
  const digits = text.slice(1);
  const zeros = digits.length - digits.replace(/^1+/, "").length;
  let number = 0n;
  for (const digit of digits) number = number * 58n + BigInt(DIGITS.indexOf(digit));
  const written = number ? number.toString(16) : "";
  return Uint8Array.from([...new Uint8Array(zeros), ...unhex(written.length % 2 ? `0${written}` : written)]);
}

// The 32 bytes of an Ed25519 key written `z6Mk…`. Refuses other keys, and points that prove nothing.
export function readKey(text) {
  const bytes = base58(text);
  if (bytes.length !== 34 || bytes[0] !== 0xed || bytes[1] !== 0x01) throw malformed("not an Ed25519 key");
  const raw = bytes.slice(2);
  const y = raw.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n) & (2n ** 255n - 1n);
  if (y >= PRIME || SMALL_ORDER.includes(y)) throw malformed("the key is a point of small order");
  return { text, raw };
}

// The key that a did:key is, and the one method it signs with.
export function voterKey(did) {
  const [, bare, multibase, fragment] = /^(did:key:([^#]*))(?:#([^]*))?$/.exec(did) ?? [];
  if (bare === undefined || (fragment !== undefined && fragment !== multibase)) throw malformed("not a did:key");
  return { key: readKey(multibase), method: `${bare}#${multibase}` };
}

function imported(key) {
  const make = () => crypto.subtle.importKey("raw", key.raw, "Ed25519", false, ["verify"]).catch(() => null);
  if (!known.has(key.text)) known.set(key.text, make());
  return known.get(key.text);
}

async function fits(key, signature, message) {
  const opened = await imported(key);
  return opened !== null && crypto.subtle.verify("Ed25519", opened, signature, message).catch(() => false);
}

// What stands in the way of checking signatures in this browser; null if nothing does. Tried on RFC 8032 §7.1, test 1.
export async function obstacle() {
  if (!globalThis.crypto?.subtle) return "insecure";
  const raw = unhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  const signature = unhex(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155" +
      "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  );
  const key = { text: "RFC 8032", raw };
  try {
    const isRight = await fits(key, signature, new Uint8Array());
    return isRight && !(await fits(key, signature, utf8("x"))) ? null : "no-ed25519";
  } catch {
    return "no-ed25519";
  }
}

function checkOptions(proof) {
  const { type, cryptosuite, proofPurpose, verificationMethod } = proof;
  if (typeof verificationMethod !== "string" || !verificationMethod) throw malformed("the proof names no method");
  if (type !== "DataIntegrityProof" || cryptosuite !== "eddsa-jcs-2022") throw malformed("another cryptosuite");
  if (proofPurpose !== "assertionMethod") throw malformed("another purpose of the proof");
  if (Object.hasOwn(proof, "previousProof")) throw malformed("the proof leans on another one");
  for (const name of ["created", "expires"]) {
    const isMoment = typeof proof[name] === "string" && readInstant(proof[name]) !== null;
    if (Object.hasOwn(proof, name) && !isMoment) throw malformed(`the proof's ${name} is no moment`);
  }
}

// The method that the document's one proof names, after it was checked with `key`. Nothing may stand beside it.
export async function provenMethod(document, digest, key) {
  const proof = document.proof ?? null;
  if (!isObject(proof)) throw malformed("the document has no proof");
  checkOptions(proof);
  const signature = base58(proof.proofValue);
  if (signature.length !== 64) throw malformed("the signature is not 64 bytes long");
  const hasContext = Object.hasOwn(proof, "@context");
  if (Object.hasOwn(document, "signature") || (hasContext && !alike(proof["@context"], document["@context"]))) {
    throw malformed("the document holds what its proof does not cover");
  }
  const { proofValue: _, ...options } = proof;
  const message = new Uint8Array(64);
  message.set(sha256(utf8(canonical(options))));
  message.set(unhex(digest.slice("sha256:".length)), 32);
  if (!(await fits(key, signature, message))) throw malformed("altered, or signed with another key");
  return proof.verificationMethod;
}
