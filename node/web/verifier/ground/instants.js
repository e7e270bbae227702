// Moments as signed texts write them, kept as microseconds since 1970 so that every digit counts.

const WRITTEN = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/;
const EARLIEST = BigInt(Date.parse("0001-01-01T00:00:00Z")) * 1000n;
const BEYOND = BigInt(Date.parse("9000-01-01T00:00:00Z")) * 1000n;

// Whether the calendar has this day: the thirtieth of February would have become another.
const isDay = (milliseconds, plain) => new Date(milliseconds).toISOString() === plain.replace("Z", ".000Z");

// The moment, or null for a text that names none.
export function readInstant(text) {
  const found = WRITTEN.exec(text);
  if (!found) return null;
  const [, year, month, day, hour, minute, second, fraction = "", sign, hours = "0", minutes = "0"] = found;
  const plain = `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
  const milliseconds = Date.parse(plain);
  const ahead = Number(hours) * 60 + Number(minutes);
  const isReal = Number(year) > 0 && !Number.isNaN(milliseconds) && isDay(milliseconds, plain);
  if (!isReal || ahead >= 24 * 60) return null;
  const shift = BigInt(sign === "-" ? ahead : -ahead) * 60_000_000n;
  const moment = BigInt(milliseconds) * 1000n + BigInt(fraction.slice(0, 6).padEnd(6, "0")) + shift;
  return EARLIEST <= moment && moment < BEYOND ? moment : null;
}

// The one spelling: UTC, with milliseconds only when there are any.
export function instantText(moment) {
  const thousandths = (moment % 1000n < 0n ? moment - 1000n : moment) / 1000n;
  return new Date(Number(thousandths)).toISOString().replace(".000Z", "Z");
}
