// Proposals as frozen, and outcome documents built again from the recount and compared member by member (G7, G9).
import { alike, canonical } from "../ground/canonical.js";
import { Failure, governanceOf, reading, Refusal } from "../ground/fields.js";
import { instantText } from "../ground/instants.js";
import { digestOf } from "../ground/sha256.js";
import { revealedLot } from "../rules/lots.js";
import { callDocument, checkClose } from "./calls.js";
import { recountDocument } from "./recounts.js";
import { furtherDocument, leafDocument } from "../rules/positions.js";
import { readRule, ruleDocument } from "../rules/rules.js";

const refuse = (detail) => new Refusal("proposal-invalid", detail);

// The frozen terms in a signed Question.
export function readProposal(document) {
  const [outer, fields] = governanceOf(document, "proposal", refuse);
  const electorate = readElectorate(fields.within("electorate"));
  const rule = readRule(fields.value("rule"));
  if (rule.quorum?.kind === "bodies" && electorate.kind !== "constituents") throw refuse("no bodies to count");
  const terms = {
    id: outer.text("id"),
    actor: outer.text("attributedTo"),
    title: outer.text("name"),
    body: fields.text("body"),
    textDigest: fields.digest("text_digest"),
    rule,
    opensAt: fields.instant("opens_at"),
    closesAt: fields.instant("closes_at"),
    electorate,
    upstream: fields.optional("upstream", (it, name) => readUpstream(it.within(name))),
    type: fields.optional("type", (it, name) => it.text(name), "motion"),
    lot: fields.optional("lot", (it, name) => it.digest(name)),
    ratifies: fields.optional("ratifies", (it, name) => readRatified(it.within(name))),
    isSplit: fields.optional("splits", (it, name) => it.flag(name), false),
    plan: fields.optional("plan", (it, name) => it.reference(name)),
  };
  if (rule.tie.includes("lot") && terms.lot === null) throw refuse("a lot needs a commitment");
  if (!outer.isAbsent("source") && digestOf(outer.within("source").text("content")) !== terms.textDigest) {
    throw refuse("the text is not the one that was frozen");
  }
  return terms;
}

function readElectorate(fields) {
  const kind = fields.oneOf("kind", ["members", "roll", "constituents"]);
  if (kind === "constituents") return { kind, digest: fields.digest("statute") };
  const [count, weight] = [fields.integer("count"), fields.integer("weight")];
  return { kind, digest: fields.digest("digest"), count, weight };
}

const readRatified = (fields) => ({ proposal: fields.reference("proposal"), outcome: fields.reference("outcome") });

function readUpstream(fields) {
  return {
    proposal: { id: fields.text("id"), digest: fields.digest("digest") },
    topmost: { id: fields.text("root"), digest: fields.digest("root_digest") },
  };
}

// The `governance` of an outcome with these findings.
function outcomeGovernance(proposal, body, finding, closedAt) {
  const { decided, members, leaves } = finding;
  const more = { rule: finding.rule && ruleDocument(finding.rule), leaves: leaves && leaves.map(leafDocument) };
  return {
    kind: "outcome",
    proposal,
    body,
    level: finding.level,
    outcome: decided.state,
    reason: decided.reason,
    tally: finding.tally.document,
    members: members && members.document,
    ballots: finding.ballots ?? null,
    constituents: finding.constituents ?? null,
    statute: finding.statute ?? null,
    closed_at: instantText(closedAt),
    ...(more.rule ? { rule: more.rule } : {}),
    ...(more.leaves ? { leaves: more.leaves } : {}),
    ...(finding.nonce ? { nonce: finding.nonce } : {}),
    ...(finding.call ? { call: callDocument(finding.call) } : {}),
    ...(finding.recount ? { recount: recountDocument(finding.recount) } : {}),
    ...furtherDocument(finding.further),
  };
}

// When an outcome that was checked says it was declared.
export const closedAt = ({ document }) => governanceOf(document, "outcome", refuse)[1].instant("closed_at");

// Member and failed check, in the order they are compared: first what was counted, then what it yields.
const CODES = [
  ["body", "outcome-body"],
  ["proposal", "outcome-body"],
  ["statute", "outcome-statute"],
  ["ballots", "outcome-ballots"],
  ["constituents", "outcome-constituents"],
  ["rule", "outcome-rule"],
  ["vetoes", "outcome-vetoes"],
  ["lot", "outcome-lot"],
  ["nonce", "outcome-lot"],
  ["tally", "outcome-tally"],
  ["outcome", "outcome-state"],
  ["reason", "outcome-reason"],
  ["members", "outcome-members"],
  ["leaves", "outcome-leaves"],
  ["second", "outcome-second"],
  ["level", "outcome-level"],
];

// Where the rule closes early, it does so when `allSpoke`, and not before.
export function checkOutcome({ document, number }, finding, terms, proposal, allSpoke) {
  const malformed = (detail) => new Failure("outcome-malformed", number, detail);
  const [, claimed] = governanceOf(document, "outcome", malformed);
  const declared = claimed.instant("closed_at");
  checkClose(number, declared, terms, allSpoke);
  const recounted = outcomeGovernance(proposal, terms.body, finding, declared);
  for (const [name, code] of CODES) {
    if (!alike(claimed.value(name), recounted[name])) throw new Failure(code, number);
  }
  if (canonical(claimed.members) !== canonical(recounted)) throw malformed("written otherwise than an outcome is");
}

// The nonce and lot of an outcome whose rule may come to one, over the digests counted; both null elsewhere.
export function lotOf({ document, number }, terms, proposalDigest, counted) {
  if (!terms.rule.tie.includes("lot")) return { nonce: null, lot: null };
  const [, fields] = governanceOf(document, "outcome", (detail) => new Failure("outcome-lot", number, detail));
  const nonce = fields.text("nonce");
  return { nonce, lot: reading("outcome-lot", number, () => revealedLot(terms, proposalDigest, counted, nonce)) };
}
