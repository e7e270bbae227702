// What constituents said to the body above them: their lines, positions and vetoes; and a first call, from these (G6).
import { alike } from "../ground/canonical.js";
import { Failure, governanceOf, reading, Refusal } from "../ground/fields.js";
import { provenMethod, readKey } from "../ground/proofs.js";
import { checkPosition, checkVeto, readPosition } from "../rules/positions.js";
import { readVeto, splitDocument } from "../rules/positions.js";
import { HEARD, reportOf, rollUp, silence, STATUSES } from "../rules/roll_up.js";
import { isSameRule } from "../rules/rules.js";
import { checkOutcome } from "./outcomes.js";
import { checkSigned, signerOf } from "./signers.js";

const INVALID_REPORTS = ["position-invalid", "position-split", "position-leaves"];

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

// What a constituent said, as its documents show it: the report they make and what the outcome cites for it. `signed`
// is there for a position that was heard, `twins` are two of one number. That nothing came, nobody can prove.
export async function wordOf(shelf, hearing, claim) {
  const status = claim.fields.oneOf("status", STATUSES);
  const cited = citedPosition(hearing, claim, status);
  const word = { report: silence(status), position: cited, signed: null, twins: null };
  if (status === "equivocation") return { ...word, twins: await provenTwins(shelf, hearing, claim) };
  if (!cited) return word;
  const signed = await signedPosition(shelf, claim, cited);
  const { number } = signed.line;
  const refusal = refusalOf(signed.position, hearing, claim);
  if (status === "invalid" && !refusal) throw new Failure("position-follows", number);
  if (status === "invalid" && INVALID_REPORTS.includes(refusal.code)) return word;
  if (refusal) throw new Failure(refusal.code, number, refusal.message);
  return { ...word, report: reportOf(signed.position, status === "late"), signed };
}

// The position the outcome cites for a constituent; null for one that said nothing in time, or two things.
function citedPosition({ outcome }, { constituent, fields }, status) {
  const isCited = [...HEARD, "invalid"].includes(status);
  if (fields.isAbsent("position")) {
    if (isCited && status !== "late") throw new Failure("position-missing", outcome.number, constituent.name);
    return null;
  }
  if (!isCited) throw new Failure("position-unexpected", outcome.number, constituent.name);
  return fields.reference("position");
}

async function signedPosition(shelf, { constituent }, cited) {
  const line = shelf.take("position", cited);
  const by = signerOf(constituent, "position-signature", line.number);
  await checkSigned(line, by, "position-signature");
  return { line, by, position: reading("position-malformed", line.number, () => readPosition(line.document)) };
}

// Why the position is not what its constituent may report; null if it is.
function refusalOf(position, { asked, statute }, { constituent, weight }) {
  const { maySplit, needsLeaves } = statute.terms;
  try {
    checkPosition(position, asked, constituent, maySplit ? weight : null, needsLeaves);
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

// The two positions of one number, about this proposal, that the constituent's key signed.
async function provenTwins(shelf, { outcome, asked }, { constituent, fields }) {
  const unproven = (detail) => new Failure("position-twins", outcome.number, detail);
  const rows = fields.isAbsent("equivocation") ? [] : fields.rows("equivocation");
  if (rows.length !== 2) throw unproven(constituent.name);
  const twins = rows.map((row) => ({ id: row.text("id"), digest: row.digest("digest") }));
  const lines = twins.map((each) => shelf.take("position", each));
  try {
    const places = lines.map(({ document }) => placeOf(document));
    const key = readKey(constituent.key);
    for (const { document, digest } of lines) await provenMethod(document, digest, key);
    const isOne = alike(...places) && alike(places[0].proposal, asked.proposal) && places[0].body === constituent.body;
    if (isOne && twins[0].digest < twins[1].digest) return twins;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw unproven(error.code);
  }
  throw unproven(constituent.name);
}

// What makes the place in which one body signs one position.
function placeOf(document) {
  const refuse = (detail) => new Refusal("equivocation-malformed", detail);
  const [, fields] = governanceOf(document, "position", refuse);
  return { proposal: fields.reference("proposal"), body: fields.text("body"), seq: fields.integer("seq", 1) };
}

// A body whose frozen proposal said that its position would be split has split it, where it could, and no other.
export function checkPromise(number, { split, choice }, { isSplit }, { terms }) {
  const isPromised = isSplit && terms.maySplit;
  if (split && !isPromised) throw new Failure("position-split", number, "its members were not told");
  if (isPromised && !split && choice !== "no_quorum") {
    throw new Failure("position-split", number, "its members were told that it would be split");
  }
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
    constituents: rolled.lines.map((line, at) => constituentDocument(line, heard[at], vetoes[at])),
    statute: terms.electorate.digest,
    rule: isSameRule(rolled.rule, terms.rule) ? null : rolled.rule,
    further: rolled.further,
    leaves: terms.upstream ? rolled.leaves : null,
    nonce,
  };
}

function constituentDocument({ body, status, choice, weight, split }, { position, twins }, veto) {
  return {
    body,
    status,
    choice,
    weight: weight.document,
    position,
    ...(split ? { split: splitDocument(split) } : {}),
    ...(veto ? { veto: veto.reference } : {}),
    ...(twins ? { equivocation: twins } : {}),
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
  for (const claim of claims) {
    const { signed: _, ...word } = await wordOf(shelf, hearing, claim);
    heard.push(word);
  }
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
