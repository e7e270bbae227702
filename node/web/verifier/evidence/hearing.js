// What constituents said to the body above them: their lines, positions and vetoes; and a first call, from these (G6).
import { Failure, governanceOf, reading, Refusal } from "../ground/fields.js";
import { checkPosition, checkVeto, readPosition } from "../rules/positions.js";
import { readVeto, splitDocument } from "../rules/positions.js";
import { HEARD, REACHED, reportOf, rollUp, silence, STATUSES } from "../rules/roll_up.js";
import { isSameRule } from "../rules/rules.js";
import { checkOutcome } from "./outcomes.js";
import { checkSigned, signerOf } from "./signers.js";

// The outcome's lines on its constituents, which must be those of the statute in its order.
export function claimsOf({ outcome, statute, weights }) {
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
export function citedPosition({ outcome }, { constituent, fields }, status) {
  if (fields.isAbsent("position")) {
    if (REACHED.includes(status)) throw new Failure("position-missing", outcome.number, constituent.name);
    return null;
  }
  if (!HEARD.includes(status)) throw new Failure("position-unexpected", outcome.number, constituent.name);
  return fields.reference("position");
}

// A body whose frozen proposal said that its position would be split has split it, where it could, and no other.
export function checkPromise(number, { split, choice }, { isSplit }, { terms }) {
  const isPromised = isSplit && terms.maySplit;
  if (split && !isPromised) throw new Failure("position-split", number, "its members were not told");
  if (isPromised && !split && choice !== "no_quorum") {
    throw new Failure("position-split", number, "its members were told that it would be split");
  }
}

export async function signedPosition(shelf, { asked, statute }, { constituent, weight }, cited) {
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

export async function checkedVeto(shelf, { asked, statute, terms }, { constituent, fields }) {
  if (fields.isAbsent("veto")) return null;
  const cited = fields.reference("veto");
  const line = shelf.take("veto", cited);
  await checkSigned(line, signerOf(constituent, "veto-signature", line.number), "veto-signature");
  const veto = reading("veto-malformed", line.number, () => readVeto(line.document));
  inItsOwnWords(line, () => checkVeto(veto, asked, constituent, statute.terms.veto, terms.type));
  if (veto.signedAt > terms.closesAt) throw new Failure("veto-late", line.number);
  return { reference: cited, reason: veto.reason };
}

export function assemblyFinding(rolled, heard, vetoes, terms, nonce) {
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

// Whether nothing more could come: every constituent was heard, and none has until the close for a veto.
export function allSpoke({ statute, terms }, { reached, of }) {
  return reached === of && !statute.terms.veto?.types.includes(terms.type);
}

// The outcome of a first call that missed its quorum, computed again from the positions and vetoes it cites. Of a
// position that another took the place of, what it rests on is not looked at. `now` is how the second call lists each.
export async function checkFirstCall(shelf, hearing, call, proposal, now) {
  const { outcome, statute, terms } = hearing;
  const claims = claimsOf(hearing);
  claims.forEach(({ fields, constituent }, at) => {
    const isGone = fields.oneOf("status", STATUSES) !== "missing" && now[at] === "missing";
    if (isGone) throw new Failure("outcome-call", outcome.number, `${constituent.name} was heard before`);
  });
  const heard = [];
  for (const claim of claims) heard.push({ position: citedPosition(hearing, claim, statusOf(claim)) });
  for (const [at, claim] of claims.entries()) heard[at].report = await said(shelf, hearing, claim, heard[at].position);
  const vetoes = [];
  for (const claim of claims) vetoes.push(await checkedVeto(shelf, hearing, claim));
  const vetoedBy = claims.filter((_, at) => vetoes[at]).map(({ constituent }) => constituent.body);
  const reports = heard.map(({ report }) => report);
  const rolled = reading("statute-malformed", outcome.number, () =>
    rollUp(statute, terms.rule, reports, vetoedBy, null),
  );
  const finding = { ...assemblyFinding(rolled, heard, vetoes, terms, null), call };
  checkOutcome(outcome, finding, terms, proposal, allSpoke(hearing, rolled.bodies));
}

export const statusOf = ({ fields }) => fields.oneOf("status", STATUSES);

async function said(shelf, hearing, claim, cited) {
  const status = statusOf(claim);
  if (!cited) return silence(status);
  const { position } = await signedPosition(shelf, hearing, claim, cited);
  return reportOf(position, status === "late");
}
