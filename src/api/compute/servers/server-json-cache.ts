import type { ServerId } from '../../../model/ids.ts';
import type { Server } from '../../../model/server.ts';
import type { ServerVersion } from '../../../store/promise/servers.ts';
import type { Store } from '../../../store/promise/store.ts';
import type { RequestContext } from '../../http/route.ts';
import { type HostFacts, hostFacts } from './host-facts.ts';
import { briefServer, type ServerViewing, singleServer, wholeServer } from './view.ts';

/** Characters of JSON that are kept at most, over all views. */
const MAX_CHARACTERS = 8 * 1024 * 1024;
/** Characters, roughly, for which an empty view counts: views are named by what clients send. */
const COST_OF_VIEW = 1024;

/** `list` is a line of the detailed list, `single` what GET answers, `brief` a line of the short list. */
export type ServerForm = 'brief' | 'list' | 'single';

interface Text {
  readonly generation: number;
  readonly text: string;
}

/**
 * Servers as JSON text, by form and generation: a list is put together of texts, and only what changed is
 * rendered. It is right by construction: a text is used only for the generation it was made of, and for the
 * hosts' facts of its epoch.
 */
class RenderedServers {
  #views = new Map<string, Map<ServerId, Text>>();
  #characters = 0;
  #epoch = 0;

  /** The texts of one view, to read and to {@link add} to. */
  of(view: string, hosts: HostFacts): Map<ServerId, Text> {
    if (hosts.epoch !== this.#epoch || this.#characters > MAX_CHARACTERS) this.#clear(hosts.epoch);
    const known = this.#views.get(view);
    if (known !== undefined) return known;
    const made = new Map<ServerId, Text>();
    this.#views.set(view, made);
    this.#characters += view.length + COST_OF_VIEW;
    return made;
  }

  add(to: Map<ServerId, Text>, id: ServerId, text: Text): void {
    this.#characters += text.text.length - (to.get(id)?.text.length ?? 0);
    to.set(id, text);
  }

  #clear(epoch: number): void {
    this.#views = new Map();
    this.#characters = 0;
    this.#epoch = epoch;
  }
}

const caches = new WeakMap<Store, RenderedServers>();

function cacheOf(store: Store): RenderedServers {
  const known = caches.get(store);
  if (known !== undefined) return known;
  const made = new RenderedServers();
  caches.set(store, made);
  return made;
}

/** One server as JSON text. */
export async function renderOne(context: RequestContext, server: Server, form: ServerForm): Promise<string> {
  const { cache, texts, viewing } = await viewOf(context, form);
  const known = texts.get(server.id);
  if (known?.generation === server.generation) return known.text;
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
  const hosts = await hostFacts(parts);
  const cache = cacheOf(parts.store);
  const texts = cache.of(`${form} ${version} ${caller.isAdmin} ${base}`, hosts);
  const viewing: ServerViewing = { version, isAdmin: caller.isAdmin, base, hosts };
  return { cache, texts, viewing };
}

function render(server: Server, viewing: ServerViewing, form: ServerForm): string {
  if (form === 'brief') return JSON.stringify(briefServer(server, viewing.base));
  return JSON.stringify(form === 'list' ? wholeServer(server, viewing) : singleServer(server, viewing));
}
