// A Fedify node with one actor: it keeps every activity it accepts, and does what it is told at /control.
//
// Started by tests/interop and tests/benchmarks with PORT, and by choice
//   DB          file of the database (default: memory); a row is committed before the inbox answers
//   FIRST_KNOCK scheme tried first on an unknown host: rfc9421 or draft-cavage-http-signatures-12
//   PARALLEL    deliveries under way at once (default 8)
//   CHALLENGE   when set, a signature without a nonce of this server is answered 401 with Accept-Signature
import {
  createFederation, generateCryptoKeyPair, InProcessMessageQueue, MemoryKvStore, ParallelMessageQueue, signObject,
} from "@fedify/fedify";
import {
  Activity, Create, Follow, Intent, Measure, Note, Person, Proposal, PUBLIC_COLLECTION, Undo, Update,
} from "@fedify/vocab";
import { serve } from "@hono/node-server";
import { DatabaseSync } from "node:sqlite";

const origin = `http://127.0.0.1:${process.env.PORT}`;
const name = "fedi";

const db = new DatabaseSync(process.env.DB ?? ":memory:");
db.exec(`PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
  CREATE TABLE IF NOT EXISTS activity(id TEXT PRIMARY KEY, type TEXT, about TEXT, body TEXT)`);
const keep = db.prepare("INSERT OR IGNORE INTO activity VALUES(?,?,?,?)");
let handled = 0;

// --- what went over the wire, to tell which scheme was used

const asked = [], sent = [];
const scheme = (headers) =>
  headers.has("signature-input") ? "rfc9421" : headers.has("signature") ? "cavage" : "none";
const plainFetch = globalThis.fetch;
globalThis.fetch = async (resource, options) => {
  const request = new Request(resource, options);
  const response = await plainFetch(request);
  if (request.method === "POST" && sent.length < 1000) {
    sent.push({ url: request.url, scheme: scheme(request.headers), status: response.status });
  }
  return response;
};

// --- the actor

const outbox = new ParallelMessageQueue(new InProcessMessageQueue(), +(process.env.PARALLEL ?? 8));
const federation = createFederation({
  kv: new MemoryKvStore(), queue: { outbox }, allowPrivateAddress: true, origin,
  firstKnock: process.env.FIRST_KNOCK ?? "rfc9421", manuallyStartQueue: true,
  ...(process.env.CHALLENGE ? { inboxChallengePolicy: { enabled: true, requestNonce: true } } : {}),
});
const pairs = [await generateCryptoKeyPair("RSASSA-PKCS1-v1_5"), await generateCryptoKeyPair("Ed25519")];
federation
  .setActorDispatcher("/users/{identifier}", async (ctx, identifier) => {
    if (identifier !== name) return null;
    const keys = await ctx.getActorKeyPairs(identifier);
    return new Person({
      id: ctx.getActorUri(identifier), preferredUsername: identifier, name: "Fedi",
      inbox: ctx.getInboxUri(identifier), followers: new URL(`${origin}/users/${name}/followers`),
      publicKey: keys[0].cryptographicKey, assertionMethods: keys.map((key) => key.multikey),
    });
  })
  .setKeyPairsDispatcher(() => pairs);
// Secure mode: shown to whoever signs, and to nobody else.
federation
  .setObjectDispatcher(Note, "/secrets/{id}", (ctx, { id }) =>
    new Note({ id: ctx.getObjectUri(Note, { id }), attribution: ctx.getActorUri(name), content: "For signers." }))
  .authorize(async (ctx) => (await ctx.getSignedKeyOwner()) != null);
federation
  .setInboxListeners("/users/{identifier}/inbox", "/inbox")
  .on(Activity, async (ctx, activity) => {
    const about = await seen(activity);
    const body = JSON.stringify(await activity.toJsonLd(ctx));
    keep.run(activity.id.href, activity.constructor.name, JSON.stringify(about), body);
    handled++;
  })
  .onError((_ctx, error) => console.error(error));

// What Fedify makes of the object of an activity; ids of others are left alone.
async function seen(activity) {
  if (activity.objectId != null && !(activity instanceof Create || activity instanceof Update)) {
    return { id: activity.objectId.href };
  }
  const object = await activity.getObject({ suppressError: true });
  if (object == null) return null;
  const about = { id: object.id?.href, type: object.constructor.name, name: object.name?.toString() };
  if (about.type === "Question") {
    about.options = [];
    for await (const option of object.getExclusiveOptions()) about.options.push(option.name.toString());
  }
  if (about.type === "Proposal") {
    const intent = object.publishes;
    Object.assign(about, {
      purpose: object.purpose, action: intent?.action, quantity: intent?.resourceQuantity?.numericalValue,
    });
  }
  return about;
}

// --- what it can be told to do

const ctx = federation.createContext(new URL(origin), undefined);
const me = ctx.getActorUri(name);
let counter = 0;
const fresh = (kind) => new URL(`${origin}/${kind}/${++counter}`);
const send = (recipient, activity) =>
  ctx.sendActivity({ identifier: name }, recipient, activity, { immediate: true }).then(() => ({ id: activity.id.href }));
const recipient = ({ actor, inbox }) => ({ id: new URL(actor), inboxId: new URL(inbox) });
const create = (object) => ({ id: fresh("creates"), actor: me, to: PUBLIC_COLLECTION, object });

const orders = {
  follow: (order) =>
    send(recipient(order), new Follow({ id: fresh("follows"), actor: me, object: new URL(order.actor) })),
  unfollow: (order) =>
    send(recipient(order), new Undo({ id: fresh("undos"), actor: me, object: new Follow({
      id: new URL(order.follow), actor: me, object: new URL(order.actor) }) })),
  note: (order) =>
    send(recipient(order), new Create(create(
      new Note({ id: fresh("notes"), attribution: me, to: PUBLIC_COLLECTION, content: order.content })))),
  vote: (order) =>
    send(recipient(order), new Create({ id: fresh("votes"), actor: me, to: new URL(order.actor), object: new Note({
      id: fresh("papers"), attribution: me, to: new URL(order.actor),
      name: order.name, replyTarget: new URL(order.question) }) })),
  propose: (order) =>
    send(recipient(order), new Create(create(new Proposal({
      id: fresh("proposals"), attribution: me, to: PUBLIC_COLLECTION, purpose: order.purpose,
      name: order.name, content: order.content, unitBased: false,
      publishes: new Intent({ id: new URL(`${origin}/proposals/${counter}#primary`), action: "transfer",
        resourceQuantity: new Measure({ unit: "one", numericalValue: "1" }) }) })))),
  // Not sent: the activity with Fedify's proof, for others to bring.
  async prove({ actor, content }) {
    const to = new URL(actor);
    const note = new Note({ id: fresh("notes"), attribution: me, to, content });
    const { privateKey, multikey } = (await ctx.getActorKeyPairs(name))[1];
    const said = new Create({ id: fresh("creates"), actor: me, to, object: note });
    const proven = await signObject(said, privateKey, multikey.id, ctx);
    return { activity: await proven.toJsonLd({ format: "compact", contextLoader: ctx.contextLoader }) };
  },
  async fanout({ inboxes, content }) {
    const to = inboxes.map((inbox) => ({ id: new URL(inbox.replace(/\/inbox$/, "")), inboxId: new URL(inbox) }));
    const activity = new Create(create(new Note({ id: fresh("notes"), attribution: me, to: PUBLIC_COLLECTION, content })));
    await ctx.sendActivity({ identifier: name }, to, activity);
    return { id: activity.id.href };
  },
};

const looks = {
  handled: () => ({ handled }),
  received: () => db.prepare("SELECT * FROM activity").all()
    .map((row) => ({ ...row, about: JSON.parse(row.about), body: JSON.parse(row.body) })),
  asked: () => asked,
  sent: () => sent,
};

async function control(request, word) {
  try {
    return Response.json(request.method === "POST" ? await orders[word](await request.json()) : looks[word]());
  } catch (error) {
    return Response.json({ error: String(error?.stack ?? error) }, { status: 500 });
  }
}

federation.startQueue(undefined, {});
serve({ port: +process.env.PORT, hostname: "127.0.0.1", fetch: async (request) => {
  const { pathname } = new URL(request.url);
  if (pathname.startsWith("/control/")) return control(request, pathname.slice("/control/".length));
  const response = await federation.fetch(request, { contextData: undefined });
  if (request.method === "POST" && asked.length < 1000) {
    asked.push({ path: pathname, scheme: scheme(request.headers), status: response.status });
  }
  return response;
} }, () => console.log("ready"));
