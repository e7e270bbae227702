// The verdict: one word, why, and what to do with it. The same as a JSON document, for programs.
import { recountDocument } from "../evidence/recounts.js";
import { chip, code, facts, make } from "./parts.js";
import { figures, outcomeChip } from "./words.js";

const CHECKS = JSON.parse(document.getElementById("checks").textContent);
const HEADS = {
  valid: ["✓", "Valid"],
  invalid: ["✕", "Invalid"],
  older: ["?", "This page is older than the bundle"],
  unable: ["!", "This browser cannot check it"],
};
const OBSTACLES = {
  insecure:
    "Browsers open their cryptography only to pages that came over https or lie on your own disk. " +
    "Save this page, open it from there, and choose the bundle again.",
  "no-ed25519":
    "It does not know Ed25519, with which every paper is signed. Chrome and Edge do from version 137, " +
    "Firefox from 129, Safari from 17. Nothing was checked.",
  unreadable: "The file could not be read. It may have moved or be too large for this browser. Nothing was checked.",
  fault: "Something went wrong in this page itself. Nothing is proven. Please count with rochdale verify FILE.",
};

export const headline = ({ verdict, failure }) =>
  `${HEADS[verdict][1]}.${failure ? ` First failing check: ${failure.code}.` : ""}`;

export function verdict(report) {
  const [sign, word] = HEADS[report.verdict];
  const drawn = make("span", { class: "verdict-sign", "aria-hidden": "true" }, sign);
  const title = make("h2", { id: "verdict-title" }, drawn, word);
  const kind = `panel verdict verdict-${report.verdict}`;
  const place = { class: kind, id: "verdict", tabindex: "-1", "aria-labelledby": "verdict-title" };
  return make("section", place, title, ...BODIES[report.verdict](report));
}

const BODIES = {
  valid: ({ levels, title, anchor, documents }) => [
    make("p", {}, "Every level of this decision follows from its signed papers."),
    facts("facts", [
      ["Decision", make("strong", {}, title)],
      ["Outcome", [chip(outcomeChip(levels.decided.state)), " ", figures(levels.decided)]],
      ["Decided by", levels.name === anchor.did ? code(anchor.did) : [levels.name, " ", code(anchor.did)]],
      ["Checked with the key", code(anchor.key)],
      ["Signed papers", documents.toLocaleString("en")],
    ]),
    make("p", { class: "hint" }, "Compare the key with one you know from elsewhere: no bundle can prove whose it is."),
  ],
  invalid: ({ failure }) => [
    make("p", {}, "This is the first thing that does not fit. Nothing else in the bundle should be relied on."),
    failureFacts(failure),
  ],
  older: ({ unknown, failure }) => [
    make("p", {}, "It does not know ", make("strong", {}, unknown.what), `, in line ${unknown.line}.`),
    make("p", {}, "That may change what the papers mean, so the bundle is neither valid nor invalid here."),
    make("p", {}, "Take the page from a node that is up to date, or count with ", code("rochdale verify FILE"), "."),
    failure ? failureFacts(failure) : null,
  ],
  unable: ({ obstacle }) => [make("p", {}, OBSTACLES[obstacle])],
};

const failureFacts = ({ code: name, line, detail }) =>
  facts("facts", [
    ["First failing check", make("strong", { class: "code", id: "failed-check" }, name)],
    ["What it means", CHECKS[name] ?? null],
    ["Line", line === null ? null : String(line)],
    ["In detail", detail],
  ]);

// The report as `rochdale verify --json` writes it, with the verdict in a word.
export function reportDocument(report) {
  const { failure, unknown, anchor } = report;
  return {
    verdict: report.verdict,
    valid: report.verdict === "valid",
    failure: failure && { code: failure.code, text: textOf(failure), line: failure.line },
    unknown,
    title: report.title,
    anchor: anchor && { type: "rochdale:Anchor", ...anchor },
    documents: report.documents,
    levels: report.levels && levelDocument(report.levels),
  };
}

const textOf = ({ code: name, detail }) => (detail ? `${CHECKS[name]} (${detail})` : CHECKS[name]);

function levelDocument({ body, name, status = null, choice = null, weight, counted, decided, below, ratifies = null }) {
  return {
    body,
    name,
    status,
    choice,
    weight: weight ? weight.document : null,
    counted_weight: counted ? counted.document : null,
    outcome: decided && decided.state,
    reason: decided && decided.reason,
    tally: decided && decided.tally.document,
    ballots: decided && decided.ballots,
    trace: decided && decided.trace,
    below: below.map(levelDocument),
    ...(decided?.call ? { call: decided.call } : {}),
    ...(decided?.firstCallIs ? { first_call: decided.firstCallIs } : {}),
    ...(decided?.recount ? { recount: recountDocument(decided.recount) } : {}),
    ...(decided?.needsRatification ? { needs_ratification: true } : {}),
    ...(ratifies ? { ratifies: levelDocument(ratifies) } : {}),
  };
}
