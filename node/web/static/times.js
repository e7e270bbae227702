// Adds the reader's own zone to every time; without this module times stand in UTC with the zone named.
const language = document.documentElement.lang;
const own = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, {
  weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
});

export function localise(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const text = own.format(new Date(time.dateTime));
    if (time.dataset.local === "full") time.textContent = text;
    else time.title = text;
  }
}

localise(document);
