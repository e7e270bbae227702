// The walk from a decision down to the ballots: every document checked, every level recomputed (G6, G9).
// Each level is checked with what the level above knows of it; nothing vouches for itself.
import { Failure, governanceOf, reading } from "../ground/fields.js";
import { derivedChoice, statement } from "../rules/positions.js";
import { REACHED, rollUp } from "../rules/roll_up.js";
import { readStatute } from "../rules/statutes.js";
import { denominatorOf, weightsOf } from "../rules/weighing.js";
import { checkedCall, checkRatification, countedUnder, needsRatification, ofCall } from "./calls.js";
import { allSpoke, assemblyFinding, checkedVeto, checkFirstCall, checkPromise } from "./hearing.js";
import { claimsOf, wordOf } from "./hearing.js";
import { checkOutcome, closedAt, lotOf, readProposal } from "./outcomes.js";
import { countedBallots, recount, recountFirst } from "./recount.js";
import { checkedRecount, checkReplaced, recountsAt } from "./recounts.js";
import { checkSigned, signerOf } from "./signers.js";
import { checkMandate, checkRatifies, checkUnder, mandateOf } from "./terms.js";

// The case at the root, which is what the anchor's holder decided.
export function rootCase(shelf, { anchor, decision }) {
  const line = shelf.take("outcome", decision);
  const refuse = (detail) => new Failure("outcome-malformed", line.number, detail);
  const [, fields] = governanceOf(line.document, "outcome", refuse);
  const by = signerOf(anchor, "anchor-malformed", null);
  const proposal = fields.reference("proposal");
  return { by, did: anchor.did, name: anchor.did, proposal, outcome: decision, mandate: null };
}

// The body's level, recomputed with everything below it. `step` is called for every body.
export async function walk(shelf, given, step) {
  const opened = await open(shelf, given);
  await step(shelf.used.size);
  if (opened.terms.electorate.kind === "constituents") return assembly(shelf, opened, step);
  const { terms } = opened;
  const counted = countedBallots(shelf, opened.proposal, terms);
  const finding = ofCall(recount(counted, terms, opened.outcome), opened.call, terms.rule);
  checkOutcome(opened.outcome, finding, terms, given.proposal, finding.ballots.count === terms.electorate.count);
  const first = firstCall(opened);
  const firstCallIs = first && recountFirst(shelf.take("outcome", first.outcome), counted, opened.frozen, first, given);
  return { body: given.did, name: given.name, decided: { ...decidedBy(finding, terms), firstCallIs }, below: [] };
}

// The outcome of the first call where this is the second, and what it has to say of its call; else null.
function firstCall({ call, terms }) {
  return call?.first ? { outcome: call.first, call: { number: 1, againAt: terms.closesAt, first: null } } : null;
}

async function firstOfBodies(shelf, opened, hearing, { lines }) {
  const first = firstCall(opened);
  if (!first) return null;
  const asked = { ...hearing, outcome: shelf.take("outcome", first.outcome), terms: opened.frozen };
  const now = lines.map(({ status }) => status);
  await checkFirstCall(shelf, asked, first.call, opened.given.proposal, now);
  return "recounted";
}

async function open(shelf, given) {
  const { by, mandate } = given;
  const outcome = shelf.take("outcome", given.outcome);
  await checkSigned(outcome, by, "outcome-signature");
  const proposal = shelf.take("proposal", given.proposal);
  await checkSigned(proposal, by, "proposal-signature");
  const frozen = reading("proposal-malformed", proposal.number, () => readProposal(proposal.document));
  if (frozen.body !== given.did) throw new Failure("proposal-other-body", proposal.number);
  shelf.refuseTwin(["proposal", frozen.id], proposal);
  checkRatifies(proposal.number, frozen);
  if (mandate) checkMandate(proposal.number, frozen, mandate);
  const { call, terms } = await checkedCall(shelf, outcome, by, frozen, given);
  return { given, proposal, outcome, frozen, terms, call };
}

async function assembly(shelf, opened, step) {
  const { terms, given, outcome } = opened;
  const hearing = await hearingOf(shelf, opened);
  const ratifies = await ratified(shelf, opened, hearing.statute, step);
  const claims = claimsOf(hearing);
  const heard = [];
  for (const claim of claims) heard.push(await hear(shelf, opened, hearing, claim, step));
  const vetoes = [];
  for (const claim of claims) vetoes.push(await checkedVeto(shelf, hearing, claim));
  const counted = heard.filter(({ report, position }) => position && REACHED.includes(report.status));
  const digests = counted.map(({ position }) => position.digest);
  const { nonce, lot } = lotOf(outcome, terms, opened.proposal.digest, digests);
  const vetoedBy = claims.filter((_, at) => vetoes[at]).map(({ constituent }) => constituent.body);
  const reports = heard.map(({ report }) => report);
  const rolled = reading("statute-malformed", outcome.number, () =>
    rollUp(countedUnder(hearing.statute, terms), terms.rule, reports, vetoedBy, lot),
  );
  const stated = await recounted(shelf, opened, hearing.statute, heard, step);
  const found = { ...assemblyFinding(rolled, heard, vetoes, terms, nonce), recount: stated };
  const finding = ofCall(found, opened.call, rolled.rule);
  checkOutcome(outcome, finding, terms, given.proposal, allSpoke(hearing, rolled.bodies));
  const decided = {
    ...decidedBy(finding, terms),
    firstCallIs: await firstOfBodies(shelf, opened, hearing, rolled),
    denominator: denominatorOf(hearing.statute),
    bodies: rolled.bodies,
    needsRatification: needsRatification(hearing.statute, terms, rolled.decided),
  };
  const { name, mode } = hearing.statute;
  return { body: given.did, name, mode, decided, below: below(rolled, heard, vetoes), ratifies };
}

// What the outcome says of a recount, checked; the outcome before it is walked like any other.
async function recounted(shelf, { given, terms, outcome }, statute, heard, step) {
  const until = recountsAt(statute, terms);
  const stated = checkedRecount(outcome, until);
  if (!stated?.first) return stated;
  const level = await walk(shelf, { ...given, outcome: stated.first }, step);
  const signedAt = heard.map((each) => each.signedAt);
  checkReplaced(outcome, shelf.take("outcome", stated.first), level, signedAt, until);
  return stated;
}

// The decision that this one ratifies, walked like any other; null for one that ratifies nothing.
async function ratified(shelf, { given, terms, proposal }, statute, step) {
  if (!terms.ratifies) return null;
  const about = { ...given, ...terms.ratifies, mandate: null };
  const of = await open(shelf, about);
  reading("ratification", proposal.number, () => checkRatification(terms, of.terms, statute));
  const level = await walk(shelf, about, step);
  if (terms.opensAt < closedAt(of.outcome)) throw new Failure("ratification", proposal.number, "opened before it");
  if (!level.decided.needsRatification) throw new Failure("ratification", proposal.number, "of what needs none");
  const until = level.decided.recount?.until ?? null;
  if (until !== null && terms.opensAt < until) throw new Failure("ratification", proposal.number, "asked too early");
  return level;
}

async function hearingOf(shelf, { given, terms, frozen, proposal, outcome }) {
  const line = shelf.takeDigest("statute", terms.electorate.digest);
  await checkSigned(line, given.by, "statute-signature");
  const statute = reading("statute-malformed", line.number, () => readStatute(line.document));
  if (statute.assembly !== given.did) throw new Failure("statute-other-assembly", line.number);
  shelf.refuseTwin(["statute", statute.assembly, statute.version], line);
  checkUnder(proposal, frozen, statute);
  const asked = { proposal: given.proposal, statute: terms.electorate.digest };
  return { outcome, terms, asked, statute, weights: weightsOf(statute) };
}

async function hear(shelf, opened, hearing, claim, step) {
  const { constituent } = claim;
  const { signed, ...word } = await wordOf(shelf, hearing, claim);
  const silent = { body: constituent.body, name: constituent.name, decided: null, below: [] };
  if (!signed) return { ...word, level: silent };
  const { line, by, position } = signed;
  const { signedAt } = position;
  const { proposal, outcome } = position.basis;
  if (word.report.status === "late" && !shelf.holds(outcome.digest)) return { ...word, level: silent, signedAt };
  const mandate = mandateOf(opened, hearing.statute);
  const given = { by, did: constituent.body, name: constituent.name, proposal, outcome, mandate };
  const level = await walk(shelf, given, step);
  if (statement(level.decided) !== statement(position)) throw new Failure("position-basis", line.number);
  checkPromise(line.number, position, level.decided, hearing.statute);
  return { ...word, level: { ...level, name: constituent.name }, signedAt };
}

function decidedBy({ level, decided, tally, members, rule, leaves, further, ballots, call, recount = null }, terms) {
  return {
    level,
    ...decided,
    choice: derivedChoice(decided),
    tally,
    members,
    rule: rule ?? terms.rule,
    title: terms.title,
    denominator: 1,
    bodies: null,
    ballots: ballots?.count ?? null,
    call: call?.number ?? null,
    recount,
    leaves: leaves ?? null,
    further: { ...further, members },
    isSplit: terms.isSplit,
  };
}

const below = (rolled, heard, vetoes) =>
  rolled.lines.map(({ status, choice, weight, counted }, at) => {
    const veto = vetoes[at]?.reason ?? null;
    return { ...heard[at].level, status, choice, weight, counted, veto };
  });
