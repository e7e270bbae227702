// A file is chosen or dropped; it is checked while the page stays alive; the verdict takes the focus.
import { verify } from "../evidence/verify.js";
import { make } from "./parts.js";
import { bodiesIn, openAll, tree } from "./tree.js";
import { headline, reportDocument, verdict } from "./verdict.js";

const PATIENCE = 40;
const DOING = { lines: "Reading and checking every line", bodies: "Counting every body again" };
const the = Object.fromEntries(
  ["file", "drop", "key", "work", "doing", "progress", "said", "report"].map((id) => [id, document.getElementById(id)]),
);
let chosen = null;
let run = 0;

const breath = () => new Promise((resume) => setTimeout(resume));

// Shows how far it is, and lets the browser breathe, but not more often than anybody could see.
function steps() {
  let last = performance.now();
  return async (part, done, of) => {
    if (performance.now() - last < PATIENCE) return;
    the.doing.textContent = `${DOING[part]}: ${done.toLocaleString("en")} of ${of.toLocaleString("en")}`;
    the.progress.value = part === "lines" ? (0.7 * done) / of : 0.7 + (0.3 * done) / of;
    await breath();
    last = performance.now();
  };
}

async function checked(file) {
  let bytes;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch {
    return { verdict: "unable", obstacle: "unreadable", failure: null };
  }
  try {
    return await verify(bytes, { trusted: the.key.value.trim() || null, step: steps() });
  } catch (error) {
    console.error(error);
    return { verdict: "unable", obstacle: "fault", failure: null };
  }
}

async function look() {
  const mine = ++run;
  the.report.replaceChildren();
  the.doing.textContent = `Reading ${chosen.name}`;
  the.progress.value = 0;
  the.work.hidden = false;
  the.said.textContent = `Checking ${chosen.name}.`;
  await breath();
  const report = await checked(chosen);
  if (mine !== run) return;
  the.work.hidden = true;
  show(report);
}

function show(report) {
  const parts = [verdict(report)];
  if (report.levels) parts.push(levels(report.levels));
  const written = JSON.stringify(reportDocument(report), null, 2);
  parts.push(make("script", { type: "application/json", id: "report-json" }, written));
  if (report.verdict !== "unable") parts.push(keep(written));
  the.report.replaceChildren(...parts);
  the.said.textContent = headline(report);
  document.getElementById("verdict").focus();
}

function levels(root) {
  const place = tree(root);
  const button = (label, isOpen) => {
    const made = make("button", { type: "button", class: "quiet" }, label);
    made.addEventListener("click", () => openAll(place, isOpen));
    return made;
  };
  const buttons = make("p", { class: "buttons" }, button("Open all", true), button("Close all", false));
  const heading = make("h2", { id: "levels" }, bodiesIn(root) > 1 ? "Every level, counted again" : "Counted again");
  const line = make("div", { class: "title-line" }, heading, bodiesIn(root) > 1 ? buttons : null);
  return make("section", { "aria-labelledby": "levels" }, line, place);
}

function keep(written) {
  const address = URL.createObjectURL(new Blob([written], { type: "application/json" }));
  const link = make("a", { class: "button quiet", href: address, download: "report.json" }, "Keep this report as JSON");
  return make("p", { class: "keep" }, link);
}

function choose(file) {
  if (!file) return;
  chosen = file;
  look();
}

the.file.addEventListener("change", () => {
  choose(the.file.files[0]);
  the.file.value = "";
});
the.key.addEventListener("change", () => chosen && look());
document.getElementById("ask").addEventListener("submit", (event) => event.preventDefault());
for (const name of ["dragover", "drop"]) document.addEventListener(name, (event) => event.preventDefault());
document.addEventListener("dragover", () => the.drop.classList.add("drop-over"));
for (const name of ["dragleave", "drop"]) document.addEventListener(name, () => the.drop.classList.remove("drop-over"));
document.addEventListener("drop", (event) => choose(event.dataTransfer.files[0]));
