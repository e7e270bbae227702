// Whether a rule asks for at least as much as another in every part, so that nothing passes that the other stops (G6).
import { BASES, secondCall } from "./rules.js";

// By kind of quorum: the kinds that imply it at the same share.
const STAND_IN = {
  participation: ["participation", "approval", "dynamic"],
  approval: ["approval", "dynamic"],
  rejection: ["rejection"],
  bodies: ["bodies"],
  dynamic: ["dynamic"],
};

function keepsThreshold(rule, least) {
  if (BASES.indexOf(rule.of) < BASES.indexOf(least.of)) return false;
  const beside = rule.threshold.against(least.threshold);
  return beside > 0 || (beside === 0 && (rule.strict || !least.strict));
}

function keepsQuorum({ quorum: ours }, { quorum: theirs }) {
  if (!theirs) return ours?.kind !== "rejection";
  if (!ours || !STAND_IN[theirs.kind].includes(ours.kind)) return false;
  const beside = ours.share.against(theirs.share);
  if (ours.kind === "rejection") return beside <= 0;
  if (ours.kind === "participation" && ours.abstainCounts && !theirs.abstainCounts) return false;
  const climbs = ["most", "slope"].every((name) => !theirs.dynamic || isAtLeast(ours.dynamic, theirs.dynamic, name));
  return beside >= 0 && climbs;
}

const isAtLeast = (ours, theirs, name) => ours[name].against(theirs[name]) >= 0;

// A second call asks what the statute asks in its first, or in a second one that comes no later.
function keepsCalls(rule, least) {
  const [again, known] = [secondCall(rule), secondCall(least)];
  if (!again || keepsQuorum(again.rule, least)) return true;
  return known !== null && again.afterSeconds >= known.afterSeconds && keepsQuorum(again.rule, known.rule);
}

// What breaks a tie begins as in the statute; where the list ends sooner, the tie stays one and nothing passes.
function keepsTies(rule, least) {
  const [ours, theirs] = [rule, least].map(({ tie }) => tie.filter((way) => way !== "status_quo"));
  return ours.every((way, at) => way === theirs[at]);
}

const PARTS = [
  ["threshold", keepsThreshold],
  ["quorum", keepsQuorum],
  ["second call", keepsCalls],
  ["tie", keepsTies],
];

// The first part in which `rule` asks for less than `least`, or for something else; null if it does in no part.
export function weakerPart(rule, least) {
  return PARTS.find(([, isKept]) => !isKept(rule, least))?.[0] ?? null;
}
