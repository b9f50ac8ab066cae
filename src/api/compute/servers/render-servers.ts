import type { ServerId } from '../../../model/ids.ts';
import type { Server } from '../../../model/server.ts';
import type { ServerVersion } from '../../../store/promise/servers.ts';
import type { RequestContext } from '../../http/route.ts';
import { briefServer, type ServerViewing, singleServer, wholeServer } from './view.ts';

/** `list` is a line of the detailed list, `single` what GET answers, `brief` a line of the short list. */
export type ServerForm = 'brief' | 'list' | 'single';

/** One server as JSON text. */
export async function renderOne(context: RequestContext, server: Server, form: ServerForm): Promise<string> {
  const { cache, texts, viewing } = await viewOf(context, form);
  const known = texts.get(server.id);
  const isHit = known?.generation === server.generation;
  cache.count({ hits: Number(isHit), misses: Number(!isHit) });
  if (isHit) return known.text;
  const text = render(server, viewing, form);
  cache.add(texts, server.id, { generation: server.generation, text });
  return text;
}

/** Servers as the inside of a JSON list, in the order given. Those that vanished in between are left out. */
export async function renderMany(
  context: RequestContext,
  versions: readonly ServerVersion[],
  form: ServerForm,
): Promise<string> {
  const { cache, texts, viewing } = await viewOf(context, form);
  const stale = versions.filter(({ id, generation }) => texts.get(id)?.generation !== generation);
  cache.count({ hits: versions.length - stale.length, misses: stale.length });
  // A row may be newer by now than its version said: what is read is what is shown.
  const fresh = new Map<ServerId, string>();
  if (stale.length > 0)
    for (const server of await context.parts.store.servers.findMany(stale.map(({ id }) => id))) {
      const text = render(server, viewing, form);
      fresh.set(server.id, text);
      cache.add(texts, server.id, { generation: server.generation, text });
    }
  const isStale = new Set(stale.map(({ id }) => id));
  let joined = '';
  for (const { id } of versions) {
    const text = isStale.has(id) ? fresh.get(id) : texts.get(id)?.text;
    if (text !== undefined) joined += joined === '' ? text : `,${text}`;
  }
  return joined;
}

async function viewOf(context: RequestContext, form: ServerForm) {
  const { version, base, caller, parts } = context;
  const hosts = await parts.caches.hostFacts.current();
  const cache = parts.caches.serverTexts;
  const texts = cache.of(`${form} ${version} ${caller.isAdmin} ${base}`, hosts.epoch);
  const viewing: ServerViewing = { version, isAdmin: caller.isAdmin, base, hosts };
  return { cache, texts, viewing };
}

function render(server: Server, viewing: ServerViewing, form: ServerForm): string {
  if (form === 'brief') return JSON.stringify(briefServer(server, viewing.base));
  return JSON.stringify(form === 'list' ? wholeServer(server, viewing) : singleServer(server, viewing));
}
