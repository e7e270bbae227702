// The lot that breaks a tie: nobody can choose it, everybody can repeat it (G4).
import { Refusal } from "../ground/fields.js";
import { digestOf, utf8 } from "../ground/sha256.js";

// Each part with its length before it, so that no two lists of parts run together.
const framed = (...parts) => digestOf(parts.map((part) => `${utf8(part).length}:${part}`).join(""));

// Counted papers as one digest: that of their digests, sorted and joined by line feeds.
export const setDigest = (digests) => digestOf([...digests].sort().join("\n"));

// The options in the order drawn, the winner first.
export function drawn(lot, options) {
  const mark = (option) => framed("lot", lot.proposal, lot.beacon, option);
  return [...options].sort((one, other) => (mark(one) < mark(other) ? -1 : 1));
}

// The lot over counted papers, with the nonce revealed, which the frozen proposal must have committed to.
export function revealedLot(terms, proposalDigest, counted, nonce) {
  if (terms.lot === null || framed("commitment", nonce) !== terms.lot) {
    throw new Refusal("proposal-invalid", "the nonce is not the one committed to");
  }
  return { proposal: proposalDigest, beacon: framed("beacon", setDigest(counted), nonce) };
}
