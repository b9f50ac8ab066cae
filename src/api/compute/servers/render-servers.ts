import type { ServerId } from '../../../model/ids.ts';
import type { ServerPort } from '../../../store/promise/networks.ts';
import type { ServerVersion } from '../../../store/promise/servers.ts';
import type { RequestContext } from '../../http/route.ts';
import { briefServer, type ServerViewing, type ServerWithPorts, singleServer, wholeServer } from './view.ts';

/** `list` is a line of the detailed list, `single` what GET answers, `brief` a line of the short list. */
export type ServerForm = 'brief' | 'list' | 'single';

/** One server as JSON text. */
export async function renderOne(
  context: RequestContext,
  shown: ServerWithPorts,
  form: ServerForm,
): Promise<string> {
  const { cache, texts, viewing } = await viewOf(context, form);
  const { id, generation } = shown.server;
  const beside = JSON.stringify(shown.ports);
  const known = texts.get(id);
  const isHit = known?.generation === generation && known.beside === beside;
  cache.count({ hits: Number(isHit), misses: Number(!isHit) });
  if (isHit) return known.text;
  const text = render(shown, viewing, form);
  cache.add(texts, id, { generation, beside, text });
  return text;
}

/** Servers as the inside of a JSON list, in the order given. Those that vanished in between are left out. */
export async function renderMany(
  context: RequestContext,
  versions: readonly ServerVersion[],
  form: ServerForm,
): Promise<string> {
  const { cache, texts, viewing } = await viewOf(context, form);
  const { store } = context.parts;
  const ids = versions.map(({ id }) => id);
  const portsOf =
    form === 'brief' ? new Map<ServerId, readonly ServerPort[]>() : await store.ports.shownOf(ids);
  const stale: ServerId[] = [];
  const joined = new Map<ServerId, string>();
  for (const { id, generation } of versions) {
    const known = texts.get(id);
    const isCurrent =
      known?.generation === generation && known.beside === JSON.stringify(portsOf.get(id) ?? []);
    if (isCurrent) joined.set(id, known.text);
    else stale.push(id);
  }
  cache.count({ hits: ids.length - stale.length, misses: stale.length });
  // A row may be newer by now than its version said: what is read is what is shown.
  if (stale.length > 0)
    for (const server of await store.servers.findMany(stale)) {
      const { id, generation } = server;
      const ports = portsOf.get(id) ?? [];
      const text = render({ server, ports }, viewing, form);
      joined.set(id, text);
      cache.add(texts, id, { generation, beside: JSON.stringify(ports), text });
    }
  return ids.flatMap((id) => joined.get(id) ?? []).join(',');
}

async function viewOf(context: RequestContext, form: ServerForm) {
  const { version, base, caller, parts } = context;
  const hosts = await parts.caches.hostFacts.current();
  const cache = parts.caches.serverTexts;
  const texts = cache.of(`${form} ${version} ${caller.isAdmin} ${base}`, hosts.epoch);
  const viewing: ServerViewing = { version, isAdmin: caller.isAdmin, base, hosts };
  return { cache, texts, viewing };
}

function render(shown: ServerWithPorts, viewing: ServerViewing, form: ServerForm): string {
  if (form === 'brief') return JSON.stringify(briefServer(shown.server, viewing.base));
  return JSON.stringify(form === 'list' ? wholeServer(shown, viewing) : singleServer(shown, viewing));
}
