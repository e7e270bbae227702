// Frozen terms against what binds them: the proposal above, the time it leaves, and the statute they are decided under.
import { Failure, isSameReference } from "../ground/fields.js";
import { isSameRule } from "../rules/rules.js";
import { weakerPart } from "../rules/strictness.js";

const DEEPEST = 32;
const AMENDMENT = "statute";
const FENCED = /(?:^|\n)```statute[ \t]*\n(?:[^]*?\n)?```[ \t]*(?:\n|$)/;

// Whole seconds as microseconds; a part of one is not looked at.
const span = (seconds) => BigInt(seconds - (seconds % 1)) * 1_000_000n;

// What an assembly asks of those below with its proposal as it was frozen: the proposal they answer, the root's, the
// text, who stands above them, when it closes in its first call and in the one that decides, and how long before they
// must close: a margin before the end of the call in which they were asked.
export function mandateOf({ given, frozen, terms }, { marginSeconds }) {
  return {
    proposal: given.proposal,
    topmost: frozen.upstream?.topmost ?? given.proposal,
    textDigest: frozen.textDigest,
    path: [...(given.mandate?.path ?? []), frozen.body],
    closesAt: frozen.closesAt,
    endsAt: terms.closesAt,
    margin: span(marginSeconds),
  };
}

export function checkMandate(number, terms, mandate) {
  const { upstream } = terms;
  const isAnswer = upstream && ["proposal", "topmost"].every((name) => isSameReference(upstream[name], mandate[name]));
  if (!isAnswer) throw new Failure("proposal-upstream", number);
  if (terms.textDigest !== mandate.textDigest) throw new Failure("proposal-text", number);
  if (mandate.path.includes(terms.body)) throw new Failure("tree-cycle", number, terms.body);
  if (mandate.path.length >= DEEPEST) throw new Failure("tree-too-deep", number);
  const callEndsAt = terms.opensAt >= mandate.closesAt ? mandate.endsAt : mandate.closesAt;
  const answerBy = callEndsAt - mandate.margin;
  if (terms.closesAt > answerBy) throw new Failure("proposal-window", number, "after the margin began");
}

// A Failure for terms that claim to ratify something, unless they name it and constituents decide.
export function checkRatifies(number, { ratifies, type, upstream, electorate }) {
  const isClaimed = ratifies || (type === "ratification" && !upstream);
  if (isClaimed && !(ratifies && electorate.kind === "constituents")) throw new Failure("ratification", number);
}

// A Failure unless an assembly may put these terms to its constituents under its statute. An answer to an assembly
// above has only the time that is left, and changes no statute of its own.
export function checkUnder({ document, number }, terms, statute) {
  if (terms.ratifies) return;
  const { shortestWindowSeconds, amendment } = statute.terms;
  const least = span(shortestWindowSeconds) + span(statute.marginSeconds);
  const isOwn = !terms.upstream;
  if (isOwn && terms.closesAt - terms.opensAt < least) throw new Failure("proposal-window", number, "too short");
  const isNamed = terms.type === AMENDMENT;
  if (isOwn && (isNamed || FENCED.test(textOf(document)))) {
    const isLaidDown = isNamed && isSameRule(terms.rule, amendment ?? statute.rule);
    if (!isLaidDown) throw new Failure("proposal-amendment", number);
    return;
  }
  const weaker = weakerPart(terms.rule, statute.rule);
  if (weaker) throw new Failure("proposal-rule", number, weaker);
}

// The Markdown of a proposal that was read before; empty where it only states the digest.
const textOf = ({ source }) => (source ? source.content.replaceAll("\r\n", "\n") : "");
