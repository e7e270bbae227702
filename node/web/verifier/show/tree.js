// The tree of bodies, each with its own recomputation; a body's inside is made when somebody opens it.
import { instantText } from "../ground/instants.js";
import { whole } from "../ground/fractions.js";
import { decide } from "../rules/decide.js";
import { bar, chip, choice, code, facts, make } from "./parts.js";
import { amount, modeWords, outcomeChip, plural, ruleWords, sentence, statusChip } from "./words.js";

const MANY = 40;
const UNPROVEN = {
  missing: "Not reported: nobody can prove that nothing came. Ask the body.",
  late: "Late: when it came is the word of the body above. Ask both.",
};
const MISSED = "the second, after the first missed its quorum";
const FIRST = {
  recounted: `${MISSED}, counted again from what was in by then`,
  stated: `${MISSED}, by the body’s word alone: ballots of then were changed later and are not in the evidence`,
};

export const bodiesIn = (level) => 1 + level.below.reduce((sum, each) => sum + bodiesIn(each), 0);

export function tree(root) {
  const isSmall = bodiesIn(root) <= MANY;
  return make("ul", { class: "tree tree-root tree-wide" }, branch(root, 1, isSmall ? 2 : 1, 0));
}

function branch(level, denominator, openTo, depth) {
  if (!level.decided) {
    return make("li", {}, make("div", { class: "body body-leaf" }, ...row(level, denominator)));
  }
  const details = make("details", { class: "body" }, make("summary", {}, ...row(level, denominator)));
  const fill = () => {
    if (details.children.length > 1) return;
    details.append(recount(level));
    const inner = level.below.map((each) => branch(each, level.decided.denominator, openTo, depth + 1));
    if (inner.length) details.append(make("ul", { class: "tree" }, inner));
    const unproven = Object.keys(UNPROVEN).filter((status) => level.below.some((each) => each.status === status));
    details.append(...unproven.map((status) => make("p", { class: "quiet" }, UNPROVEN[status])));
    if (!level.ratifies) return;
    const binding = make("ul", { class: "tree" }, branch(level.ratifies, 1, openTo, depth + 1));
    details.append(make("p", { class: "quiet" }, "What was to be ratified:"), binding);
  };
  details.addEventListener("toggle", fill);
  details.fill = fill;
  if (depth < openTo && level.below.length) {
    fill();
    details.open = true;
  }
  return make("li", {}, details);
}

// Open or close every body at once.
export function openAll(place, isOpen) {
  for (let closed; isOpen && (closed = [...place.querySelectorAll("details.body:not([open])")]).length; ) {
    for (const details of closed) {
      details.fill();
      details.open = true;
    }
  }
  if (!isOpen) for (const details of place.querySelectorAll("details.body")) details.open = false;
}

function row(level, denominator) {
  const { name, status, choice: said, weight, decided } = level;
  const isUncounted = status && status !== "counted";
  const about = decided && !isUncounted ? outcomeChip(decided.state) : statusChip(status ?? "missing");
  const line = make("span", { class: "body-line" }, make("span", { class: "body-name" }, name), chip(about));
  const inner = make(
    "span",
    { class: "body-facts" },
    said ? choice(said) : null,
    weight ? make("span", {}, `weight ${amount(weight, denominator)}`) : null,
    decided ? make("span", {}, turnout(decided)) : null,
  );
  return [line, inner, decided ? bar(decided.tally, sentence(decided)) : null];
}

function turnout({ ballots, bodies, tally }) {
  if (bodies) return `${bodies.reached} of ${plural(bodies.of, "body", "bodies")} reported`;
  return `${plural(ballots, "signed ballot", "signed ballots")}, roll of ${amount(tally.electorate)}`;
}

function recount({ decided, mode, body, veto = null }) {
  const { denominator, trace, members, further } = decided;
  const units = denominator === 1 ? "" : ` (${denominator.toLocaleString("en")} units of weight are shown as 1)`;
  const lines = [
    ["Counted again", sentence(decided)],
    ["Call", FIRST[decided.firstCallIs] ?? null],
    ["Recount", decided.recount ? recountWords(decided.recount) : null],
    ["Binding", decided.needsRatification ? "not before its constituents ratify it" : null],
    ["How it counts", mode ? `${modeWords(mode)}${units}` : null],
    ["Rule", ruleWords(decided.rule)],
    ["Step by step", make("ol", { class: "trace" }, trace.map((line) => make("li", {}, line)))],
    ["Members’ own count", decided.bodies && members ? [counts(members), apart(decided)] : null],
    ["Members behind them", further.second ? counts(further.second.tally) : null],
    ["Lot", further.lot ? code(further.lot.beacon) : null],
    ["Its veto above", veto],
    ["Body", code(body)],
  ];
  return make("div", { class: "recount" }, facts("why", lines));
}

function recountWords({ until }) {
  if (until === null) return "with positions that came late; it takes the place of the first outcome";
  return `this outcome stands unless a recount took its place at ${instantText(until)}`;
}

// A word of warning where the members, counted directly under the same threshold, decide otherwise (G6).
function apart({ rule, members, state }) {
  if (!["passed", "rejected"].includes(state)) return null;
  const direct = decide({ ...rule, quorum: null }, members);
  const isApart = (direct.state === "passed") !== (state === "passed");
  const warning = "Counted directly, the members would have decided otherwise.";
  return isApart ? make("p", { class: "divergence" }, warning) : null;
}

function counts({ inFavour, against, abstain, electorate }) {
  const cast = `${amount(inFavour)} for, ${amount(against)} against, ${amount(abstain)} abstained`;
  return electorate.is(whole(0)) ? "nobody" : `${cast}, of ${amount(electorate)}`;
}
