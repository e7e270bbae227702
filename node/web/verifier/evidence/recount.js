// The recount of one members' vote: roll, ballots, signatures, tally, outcome (G1, G4).
import { byCodePoint, canonical } from "../ground/canonical.js";
import { Failure, governanceOf, LARGEST, reading, Refusal } from "../ground/fields.js";
import { whole } from "../ground/fractions.js";
import { digestOf } from "../ground/sha256.js";
import { decide, NOTHING } from "../rules/decide.js";
import { setDigest } from "../rules/lots.js";
import { Tally } from "../rules/tallies.js";
import { lotOf } from "./outcomes.js";

const CHOICES = ["for", "against", "abstain"];
const refuse = (detail) => new Refusal("malformed", detail);

// Voters and weights of a roll, with its digest, count and sum.
function readRoll(document) {
  const [outer, fields] = governanceOf(document, "roll", refuse);
  outer.only("type", "governance");
  fields.only("kind", "proposal", "entries");
  fields.text("proposal");
  const entries = fields.list("entries");
  const isAfter = ([voter], at) => at === 0 || byCodePoint(entries[at - 1][0], voter) < 0;
  const isSound = entries.every(isEntry) && entries.every(isAfter);
  const weight = isSound ? entries.reduce((sum, entry) => sum + entry[1], 0) : LARGEST + 1;
  if (weight > LARGEST) throw refuse("entries are pairs of DID and weight, sorted, each voter once");
  return { weights: new Map(entries), digest: digestOf(canonical(entries)), count: entries.length, weight };
}

function isEntry(entry) {
  const isPair = Array.isArray(entry) && entry.length === 2 && typeof entry[0] === "string";
  return isPair && Number.isInteger(entry[1]) && entry[1] >= 1;
}

function readBallot({ document, digest }) {
  const [outer, fields] = governanceOf(document, "ballot", refuse);
  fields.only("kind", "proposal", "voter", "choice", "seq", "cast_at");
  outer.text("id");
  outer.text("attributedTo");
  fields.integer("seq", 1);
  fields.instant("cast_at");
  const [proposal, voter] = [fields.reference("proposal").digest, fields.text("voter")];
  return { proposal, voter, choice: fields.oneOf("choice", CHOICES), digest };
}

function frozenRoll(shelf, { id, electorate }) {
  const line = shelf.takeRoll(id);
  const roll = reading("roll-malformed", line.number, () => readRoll(line.document));
  const isFrozen = ["digest", "count", "weight"].every((name) => roll[name] === electorate[name]);
  if (!isFrozen) throw new Failure("roll-digest", line.number);
  return roll;
}

function countedBallots(shelf, proposal, terms, { weights }) {
  const ballots = new Map();
  for (const line of shelf.takeBallots(terms.id)) {
    const ballot = reading("ballot-malformed", line.number, () => readBallot(line));
    if (ballot.proposal !== proposal.digest) throw new Failure("ballot-other-proposal", line.number);
    if (!weights.has(ballot.voter)) throw new Failure("ballot-not-on-roll", line.number);
    if (ballots.has(ballot.voter)) throw new Failure("ballot-duplicate", line.number);
    if (!shelf.isCast(line)) throw new Failure("ballot-signature", line.number);
    ballots.set(ballot.voter, ballot);
  }
  return [...ballots.values()];
}

// What the ballots in the bundle yield.
export function recount(shelf, proposal, terms, outcome) {
  const roll = frozenRoll(shelf, terms);
  const ballots = countedBallots(shelf, proposal, terms, roll);
  const sums = CHOICES.map((choice) =>
    ballots.reduce((sum, each) => sum + (each.choice === choice ? roll.weights.get(each.voter) : 0), 0),
  );
  const tally = new Tally(...sums.map(whole), whole(roll.weight));
  const digests = ballots.map(({ digest }) => digest);
  const { nonce, lot } = lotOf(outcome, terms, proposal.digest, digests);
  return {
    level: 1,
    decided: decide(terms.rule, tally, null, { ...NOTHING, lot }),
    tally,
    members: tally,
    ballots: { count: digests.length, digest: setDigest(digests) },
    further: { ...NOTHING, lot },
    nonce,
  };
}
