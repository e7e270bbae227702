// The recount of one members' vote: roll, ballots, signatures, tally, outcome (G1, G4).
import { alike, byCodePoint, canonical } from "../ground/canonical.js";
import { Failure, governanceOf, LARGEST, reading, Refusal } from "../ground/fields.js";
import { whole } from "../ground/fractions.js";
import { digestOf } from "../ground/sha256.js";
import { decide, NOTHING } from "../rules/decide.js";
import { setDigest } from "../rules/lots.js";
import { readTally, Tally } from "../rules/tallies.js";
import { checkOutcome, lotOf } from "./outcomes.js";

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
  const castAt = fields.instant("cast_at");
  const [proposal, voter] = [fields.reference("proposal").digest, fields.text("voter")];
  return { proposal, voter, choice: fields.oneOf("choice", CHOICES), castAt, digest };
}

function frozenRoll(shelf, { id, electorate }) {
  const line = shelf.takeRoll(id);
  const roll = reading("roll-malformed", line.number, () => readRoll(line.document));
  const isFrozen = ["digest", "count", "weight"].every((name) => roll[name] === electorate[name]);
  if (!isFrozen) throw new Failure("roll-digest", line.number);
  return roll;
}

// The roll of a proposal and the ballots in the bundle, one for each voter who cast.
export function countedBallots(shelf, proposal, terms) {
  const roll = frozenRoll(shelf, terms);
  const ballots = new Map();
  for (const line of shelf.takeBallots(terms.id)) {
    const ballot = reading("ballot-malformed", line.number, () => readBallot(line));
    if (ballot.proposal !== proposal.digest) throw new Failure("ballot-other-proposal", line.number);
    if (!roll.weights.has(ballot.voter)) throw new Failure("ballot-not-on-roll", line.number);
    if (ballots.has(ballot.voter)) throw new Failure("ballot-duplicate", line.number);
    if (!shelf.isCast(line)) throw new Failure("ballot-signature", line.number);
    ballots.set(ballot.voter, ballot);
  }
  return { proposal, roll, ballots: [...ballots.values()] };
}

function found({ roll }, ballots) {
  const sums = CHOICES.map((choice) =>
    ballots.reduce((sum, each) => sum + (each.choice === choice ? roll.weights.get(each.voter) : 0), 0),
  );
  const tally = new Tally(...sums.map(whole), whole(roll.weight));
  const digests = ballots.map(({ digest }) => digest);
  return { level: 1, tally, members: tally, ballots: { count: digests.length, digest: setDigest(digests) }, digests };
}

// What the ballots in the bundle yield.
export function recount(counted, terms, outcome) {
  const { digests, ...finding } = found(counted, counted.ballots);
  const { nonce, lot } = lotOf(outcome, terms, counted.proposal.digest, digests);
  const further = { ...NOTHING, lot };
  return { ...finding, decided: decide(terms.rule, finding.tally, null, further), further, nonce };
}

// "recounted" where the ballots of a first call are in the bundle, "stated" where it is taken as it says. They are in
// it where nobody changed their ballot afterwards: those cast by its close are then the set it commits to.
export function recountFirst(first, counted, terms, { call }, { proposal }) {
  const malformed = (detail) => new Failure("outcome-malformed", first.number, detail);
  const [, fields] = governanceOf(first.document, "outcome", malformed);
  const [closedAt, commitment] = [fields.instant("closed_at"), fields.within("ballots")];
  const { digests, ...inTime } = found(
    counted,
    counted.ballots.filter(({ castAt }) => castAt <= closedAt),
  );
  const isWhole = alike(commitment.members, inTime.ballots);
  const finding = isWhole ? inTime : { ...inTime, ...stated(first, fields, counted.roll) };
  const decided = { state: "no_quorum", reason: "quorum_not_met" };
  const hasAll = commitment.integer("count") === terms.electorate.count;
  checkOutcome(first, { ...finding, decided, further: NOTHING, call }, terms, proposal, hasAll);
  return isWhole ? "recounted" : "stated";
}

// Tally and commitment as the outcome states them, which can at least not be of another roll.
function stated({ number }, fields, roll) {
  const commitment = fields.within("ballots");
  commitment.only("count", "digest");
  const tally = reading("outcome-tally", number, () => readTally(fields.within("tally")));
  const count = commitment.integer("count");
  if (!tally.electorate.is(whole(roll.weight)) || count > roll.count) throw new Failure("outcome-tally", number);
  return { tally, members: tally, ballots: { count, digest: commitment.digest("digest") } };
}
