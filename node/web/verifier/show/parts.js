// The parts that the page is made of. Everything from a bundle is put in as text, never as markup.
import { CHOICES, place } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

function filled(element, attributes, inner) {
  for (const [name, value] of Object.entries(attributes)) if (value !== null) element.setAttribute(name, value);
  element.append(...inner.flat().filter((each) => each !== null && each !== ""));
  return element;
}

export const make = (tag, attributes = {}, ...inner) => filled(document.createElement(tag), attributes, inner);
export const draw = (tag, attributes = {}, ...inner) => filled(document.createElementNS(SVG, tag), attributes, inner);

export const chip = ([text, tone]) => make("span", { class: `chip chip-${tone}` }, text);

export function choice(key) {
  const square = draw("rect", { class: `part part-${key}`, width: 14, height: 14, rx: 3 });
  const swatch = draw("svg", { class: "swatch", width: 14, height: 14, "aria-hidden": "true" }, square);
  return make("span", { class: "choice" }, swatch, ` ${CHOICES[key]}`);
}

// A tally over its whole electorate; silence is an empty stretch. `label` says the same for whoever cannot see it.
export function bar(tally, label) {
  const stretch = (key, from, width) =>
    draw("rect", { class: `part part-${key}`, x: place(from, tally.electorate), width, height: "100%" });
  let before = tally.inFavour.minus(tally.inFavour);
  const counts = [["for", tally.inFavour], ["against", tally.against], ["abstain", tally.abstain]];
  const parts = counts.map(([key, count]) => {
    const from = before;
    before = before.plus(count);
    return count.isZero ? null : stretch(key, from, place(count, tally.electorate));
  });
  const ground = draw("rect", { class: "bar-ground", width: "100%", height: "100%" });
  const box = { class: "bar bar-small", width: "100%", height: 10, role: "img", "aria-label": label };
  return draw("svg", box, ground, parts);
}

// A list of names and what belongs to them; lines without anything are left out.
export function facts(kind, lines) {
  const shown = lines.filter(([, inner]) => inner !== null && inner !== "");
  return make("dl", { class: kind }, shown.flatMap(([name, inner]) => [make("dt", {}, name), make("dd", {}, inner)]));
}

export const code = (text) => make("span", { class: "code" }, text);
