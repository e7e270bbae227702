// What an outcome says of a recount, against its statute and the outcome whose place it takes (G6).
import { alike } from "../ground/canonical.js";
import { Failure, governanceOf } from "../ground/fields.js";
import { instantText } from "../ground/instants.js";
import { REACHED } from "../rules/roll_up.js";

const MICROSECONDS_A_SECOND = 1_000_000n;

function statedIn({ document, number }) {
  const malformed = (detail) => new Failure("outcome-malformed", number, detail);
  const [, fields] = governanceOf(document, "outcome", malformed);
  fields.refuse = (detail) => new Failure("outcome-recount", number, detail);
  return fields;
}

function readRecount(fields) {
  if (fields.isAbsent("recount")) return null;
  const recount = fields.within("recount");
  recount.only("until", "first");
  return {
    until: recount.optional("until", (it, name) => it.instant(name)),
    first: recount.optional("first", (it, name) => it.reference(name)),
  };
}

export function recountDocument({ until, first }) {
  if (first) return { first };
  return until === null ? {} : { until: instantText(until) };
}

// Until when late positions on this proposal lead to a recount; null where there is none.
export function recountsAt({ terms: { recount } }, terms) {
  const isOwnQuestion = !terms.upstream && !terms.ratifies && !terms.rule.tie.includes("lot");
  return recount && isOwnQuestion ? terms.closesAt + BigInt(recount.withinSeconds) * MICROSECONDS_A_SECOND : null;
}

// What the outcome says, which must be what follows where a recount is done at `until`, null where there is none.
export function checkedRecount(outcome, until) {
  const fields = statedIn(outcome);
  const stated = readRecount(fields);
  if (stated?.first) {
    if (until === null || stated.until !== null) throw fields.refuse("nothing here is recounted");
    if (fields.instant("closed_at") < until) throw fields.refuse("before the time for late positions was over");
    return stated;
  }
  const isAnybodyOut = fields.rows("constituents").some((row) => !REACHED.includes(row.text("status")));
  const wanted = until !== null && isAnybodyOut ? until : null;
  const isStated = stated ? wanted !== null && stated.until === wanted : wanted === null;
  if (!isStated) throw fields.refuse("another time for late positions than the statute gives");
  return stated;
}

// Nothing, if the first, walked to this level, was to be recounted then, and the outcome only adds late positions.
export function checkReplaced(outcome, first, { decided }, signedAt, until) {
  if (decided?.recount?.until !== until) throw statedIn(first).refuse("not to be recounted");
  const { refuse } = statedIn(outcome);
  const [before, after] = [first, outcome].map((line) => statedIn(line).rows("constituents"));
  let added = 0;
  before.forEach((row, at) => {
    const next = after[at];
    const [was, is] = [row.text("status"), next.text("status")];
    if (!alike(row.value("veto"), next.value("veto"))) throw refuse("a veto comes before the close");
    if (REACHED.includes(was) || was === "equivocation") {
      if (!alike(row.members, next.members)) throw refuse("what was counted at the close stays as it was");
    } else if (REACHED.includes(is)) {
      if (signedAt[at] > until) throw refuse("a position came after the time for it");
      added += 1;
    }
  });
  if (!added) throw refuse("nothing came late, so the first outcome stands");
}
