// Renews the standing of an open proposal while somebody looks at it; the page is complete without this module.
import { localise } from "./times.js";

const SHORTEST = 4_000;
const LONGEST = 120_000;
const place = document.querySelector("[data-live]");
let wait = SHORTEST;
let timer;
let mark = "";

function show(html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  for (const part of fresh.content.querySelectorAll("details")) part.open = place.querySelector("details")?.open ?? part.open;
  const said = place.querySelector("[aria-live]");
  const saying = fresh.content.querySelector("[aria-live]");
  if (said && saying) {
    // The spoken line stays the same element, so that screen readers announce only its change.
    if (said.textContent !== saying.textContent) said.textContent = saying.textContent;
    saying.remove();
    place.replaceChildren(said, fresh.content);
  } else {
    place.replaceChildren(fresh.content);
  }
  localise(place);
}

async function look() {
  try {
    const answer = await fetch(place.dataset.live, { headers: mark ? { "If-None-Match": mark } : {}, credentials: "same-origin" });
    if (answer.status === 410 || answer.status === 404) return;
    if (answer.status === 200) {
      mark = answer.headers.get("ETag") ?? "";
      show(await answer.text());
      wait = SHORTEST;
      if (answer.headers.get("X-Standing") === "closed") return location.reload();
    } else {
      wait = Math.min(wait * 1.5, LONGEST);
    }
  } catch {
    wait = Math.min(wait * 2, LONGEST);
  }
  later();
}

function later() {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(look, wait);
}

document.addEventListener("visibilitychange", () => {
  wait = SHORTEST;
  later();
});
later();
