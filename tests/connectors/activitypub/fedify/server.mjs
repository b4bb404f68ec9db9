// A server of the fediverse by Fedify, an implementation that isn't ours: one person, who does what /do asks for.
// GET /log tells which activities of ours were taken; Fedify itself refuses what isn't signed as it should be.
import { createServer } from "node:http";
import {
  Accept, Announce, Create, createFederation, Delete, Follow, generateCryptoKeyPair, Like, MemoryKvStore, Mention, Note,
  Person, PUBLIC_COLLECTION, Update,
} from "@fedify/fedify";
import { Temporal } from "@js-temporal/polyfill";

const taken = [];
const federation = createFederation({ kv: new MemoryKvStore(), allowPrivateAddress: true });
let pair;

federation
  .setActorDispatcher("/users/{identifier}", async (ctx, identifier) => {
    const keys = await ctx.getActorKeyPairs(identifier);
    return new Person({
      id: ctx.getActorUri(identifier),
      preferredUsername: identifier,
      name: "Зоя Ручьёва",
      url: ctx.getActorUri(identifier),
      inbox: ctx.getInboxUri(identifier),
      publicKey: keys[0].cryptographicKey,
    });
  })
  .setKeyPairsDispatcher(async () => {
    pair ??= await generateCryptoKeyPair("RSASSA-PKCS1-v1_5");
    return [pair];
  });

async function take(ctx, activity) {
  const thing = await activity.getObject(ctx);
  taken.push({
    type: activity.constructor.name,
    id: activity.id?.href,
    object: thing?.id?.href ?? activity.objectId?.href,
    content: thing instanceof Note ? String(thing.content) : "",
    reply: thing instanceof Note ? thing.replyTargetId?.href ?? "" : "",
  });
}

const inbox = federation.setInboxListeners("/users/{identifier}/inbox", "/inbox");
for (const kind of [Accept, Create, Update, Delete]) inbox.on(kind, take);

const deeds = {
  follow: (who, city, number) => new Follow({ id: new URL(`#follow-${number}`, who), actor: who, object: city }),
  like: (who, city, number, on) => new Like({ id: new URL(`#like-${number}`, who), actor: who, object: new URL(on) }),
  boost: (who, city, number, on) =>
    new Announce({ id: new URL(`#boost-${number}`, who), actor: who, object: new URL(on), to: PUBLIC_COLLECTION }),
  reply: (who, city, number, on, words) =>
    new Create({
      id: new URL(`/notes/${number}#create`, who), actor: who, to: PUBLIC_COLLECTION, cc: city,
      object: new Note({
        id: new URL(`/notes/${number}`, who), attribution: who, content: `<p>${words}</p>`, replyTarget: new URL(on),
        to: PUBLIC_COLLECTION, cc: city, published: Temporal.Now.instant(),
        tags: [new Mention({ href: city, name: "@mayor" })],
      }),
    }),
};

let number = 0;
async function act(base, asked) {
  const ctx = federation.createContext(new URL(base), undefined);
  const actor = await ctx.lookupObject(asked.handle ?? asked.city);
  const activity = deeds[asked.do](ctx.getActorUri("zoya"), actor.id, ++number, asked.on, asked.words);
  await ctx.sendActivity({ identifier: "zoya" }, actor, activity);
  return { name: String(actor.name), inbox: actor.inboxId.href };
}

const server = createServer(async (asked, answer) => {
  const base = `http://127.0.0.1:${server.address().port}`;
  const parts = [];
  for await (const part of asked) parts.push(part);
  const body = Buffer.concat(parts);
  try {
    if (asked.url === "/log") return answer.end(JSON.stringify(taken));
    if (asked.url === "/do") return answer.end(JSON.stringify(await act(base, JSON.parse(body))));
    const request = new Request(`${base}${asked.url}`, {
      method: asked.method, headers: asked.headers, body: ["GET", "HEAD"].includes(asked.method) ? undefined : body,
    });
    const response = await federation.fetch(request, { contextData: undefined });
    answer.writeHead(response.status, Object.fromEntries(response.headers));
    answer.end(Buffer.from(await response.arrayBuffer()));
  } catch (error) {
    console.error(error);
    answer.writeHead(500).end(String(error));
  }
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
