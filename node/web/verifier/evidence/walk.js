// The walk from a decision down to the ballots: every document checked, every level recomputed (G6, G9).
// Each level is checked with what the level above knows of it; nothing vouches for itself.
import { Failure, governanceOf, reading, Refusal } from "../ground/fields.js";
import { checkPosition, checkVeto, derivedChoice, readPosition } from "../rules/positions.js";
import { readVeto, splitDocument, statement } from "../rules/positions.js";
import { HEARD, REACHED, reportOf, rollUp, silence, STATUSES } from "../rules/roll_up.js";
import { isSameRule } from "../rules/rules.js";
import { readStatute } from "../rules/statutes.js";
import { denominatorOf, weightsOf } from "../rules/weighing.js";
import { checkedCall, checkRatification, countedUnder, needsRatification, ofCall } from "./calls.js";
import { checkOutcome, closedAt, lotOf, readProposal } from "./outcomes.js";
import { recount } from "./recount.js";
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
  const finding = ofCall(recount(shelf, opened.proposal, terms, opened.outcome), opened.call, terms.rule);
  checkOutcome(opened.outcome, finding, terms, given.proposal, finding.ballots.count === terms.electorate.count);
  return { body: given.did, name: given.name, decided: decidedBy(finding, terms), below: [] };
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
    denominator: denominatorOf(hearing.statute),
    bodies: rolled.bodies,
    needsRatification: needsRatification(hearing.statute, terms, rolled.decided),
  };
  const { name, mode } = hearing.statute;
  return { body: given.did, name, mode, decided, below: below(rolled, heard, vetoes), ratifies };
}

// Whether nothing more could come: every constituent was heard, and none has until the close for a veto.
function allSpoke({ statute, terms }, { reached, of }) {
  return reached === of && !statute.terms.veto?.types.includes(terms.type);
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

// The outcome's lines on its constituents, which must be those of the statute in its order.
function claimsOf({ outcome, statute, weights }) {
  const refuse = (detail) => new Failure("outcome-constituents", outcome.number, detail);
  const [, fields] = governanceOf(outcome.document, "outcome", refuse);
  const rows = fields.rows("constituents");
  const bodies = rows.map((row) => row.text("body"));
  const roster = statute.constituents;
  const isRoster = bodies.length === roster.length && bodies.every((body, at) => body === roster[at].body);
  if (!isRoster) throw refuse("not the roster of the statute");
  return rows.map((row, at) => ({ constituent: roster[at], weight: weights[at], fields: row }));
}

// The position the outcome cites for a constituent; null for one that said nothing in time.
function citedPosition({ outcome }, { constituent, fields }, status) {
  if (fields.isAbsent("position")) {
    if (REACHED.includes(status)) throw new Failure("position-missing", outcome.number, constituent.name);
    return null;
  }
  if (!HEARD.includes(status)) throw new Failure("position-unexpected", outcome.number, constituent.name);
  return fields.reference("position");
}

async function hear(shelf, opened, hearing, claim, step) {
  const { constituent } = claim;
  const status = claim.fields.oneOf("status", STATUSES);
  const cited = citedPosition(hearing, claim, status);
  const silent = { body: constituent.body, name: constituent.name, decided: null, below: [] };
  if (!cited) return { report: silence(status), level: silent, position: null };
  const { line, by, position } = await signedPosition(shelf, hearing, claim, cited);
  const isLate = status === "late";
  const report = reportOf(position, isLate);
  const { signedAt } = position;
  const { proposal, outcome } = position.basis;
  if (isLate && !shelf.holds(outcome.digest)) return { report, level: silent, position: cited, signedAt };
  const mandate = mandateOf(opened, hearing.statute);
  const given = { by, did: constituent.body, name: constituent.name, proposal, outcome, mandate };
  const level = await walk(shelf, given, step);
  if (statement(level.decided) !== statement(position)) throw new Failure("position-basis", line.number);
  checkPromise(line.number, position, level.decided, hearing.statute);
  return { report, level: { ...level, name: constituent.name }, position: cited, signedAt };
}

// A body whose frozen proposal said that its position would be split has split it, where it could, and no other.
function checkPromise(number, { split, choice }, { isSplit }, { terms }) {
  const isPromised = isSplit && terms.maySplit;
  if (split && !isPromised) throw new Failure("position-split", number, "its members were not told");
  if (isPromised && !split && choice !== "no_quorum") {
    throw new Failure("position-split", number, "its members were told that it would be split");
  }
}

async function signedPosition(shelf, { asked, statute }, { constituent, weight }, cited) {
  const line = shelf.take("position", cited);
  const by = signerOf(constituent, "position-signature", line.number);
  await checkSigned(line, by, "position-signature");
  const position = reading("position-malformed", line.number, () => readPosition(line.document));
  const { maySplit, needsLeaves } = statute.terms;
  inItsOwnWords(line, () => checkPosition(position, asked, constituent, maySplit ? weight : null, needsLeaves));
  return { line, by, position };
}

// A refusal whose code is itself the name of the failed check.
function inItsOwnWords(line, check) {
  try {
    check();
  } catch (error) {
    throw error instanceof Refusal ? new Failure(error.code, line.number, error.message) : error;
  }
}

async function checkedVeto(shelf, { asked, statute, terms }, { constituent, fields }) {
  if (fields.isAbsent("veto")) return null;
  const cited = fields.reference("veto");
  const line = shelf.take("veto", cited);
  await checkSigned(line, signerOf(constituent, "veto-signature", line.number), "veto-signature");
  const veto = reading("veto-malformed", line.number, () => readVeto(line.document));
  inItsOwnWords(line, () => checkVeto(veto, asked, constituent, statute.terms.veto, terms.type));
  if (veto.signedAt > terms.closesAt) throw new Failure("veto-late", line.number);
  return { reference: cited, reason: veto.reason };
}

function assemblyFinding(rolled, heard, vetoes, terms, nonce) {
  return {
    level: rolled.level,
    decided: rolled.decided,
    tally: rolled.tally,
    members: rolled.members,
    constituents: rolled.lines.map((line, at) => constituentDocument(line, heard[at].position, vetoes[at])),
    statute: terms.electorate.digest,
    rule: isSameRule(rolled.rule, terms.rule) ? null : rolled.rule,
    further: rolled.further,
    leaves: terms.upstream ? rolled.leaves : null,
    nonce,
  };
}

function constituentDocument({ body, status, choice, weight, split }, position, veto) {
  return {
    body,
    status,
    choice,
    weight: weight.document,
    position: HEARD.includes(status) ? position : null,
    ...(split ? { split: splitDocument(split) } : {}),
    ...(veto ? { veto: veto.reference } : {}),
  };
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
