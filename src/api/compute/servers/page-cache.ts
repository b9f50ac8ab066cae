import type { Store } from '../../../store/promise/store.ts';
import type { RequestContext } from '../../http/route.ts';
import { hostFacts } from './host-facts.ts';

/** Bytes of pages that are kept at most, with what it costs to keep them; then all are let go. */
const MAX_BYTES = 8 * 1024 * 1024;

/** Bytes, roughly, of an entry without its key and its page. */
const COST_OF_ONE = 256;

interface Pages {
  readonly stamp: number;
  readonly epoch: number;
  readonly byKey: Map<string, Buffer | Promise<Buffer>>;
  bytes: number;
}

const kept = new WeakMap<Store, Pages>();

/**
 * A page of a list, ready to send: the one that was made before, as long as nothing at all has been committed
 * since and the hosts' facts are the same; else a new one.
 */
export async function cachedPage(context: RequestContext, make: () => Promise<string>): Promise<Buffer> {
  const { store } = context.parts;
  // The stamp is taken before anything is read: a page that was made meanwhile is then older than it says,
  // never newer.
  const stamp = await store.commitVersion();
  const { epoch } = await hostFacts(context.parts);
  const pages = pagesAt(store, { stamp, epoch });
  const { version, caller, base, request } = context;
  const key = `${version} ${caller.isAdmin} ${caller.projectId} ${base} ${request.url}`;
  return pages.byKey.get(key) ?? keep(pages, key, make);
}

/** Those who ask for a page while it is made wait for the one that is made. */
async function keep(pages: Pages, key: string, make: () => Promise<string>): Promise<Buffer> {
  const making = make().then((text) => Buffer.from(text));
  pages.byKey.set(key, making);
  try {
    const made = await making;
    pages.byKey.set(key, made);
    pages.bytes += made.length + 2 * key.length + COST_OF_ONE;
    return made;
  } catch (error) {
    pages.byKey.delete(key);
    throw error;
  }
}

function pagesAt(store: Store, now: { readonly stamp: number; readonly epoch: number }): Pages {
  const known = kept.get(store);
  if (known?.stamp === now.stamp && known.epoch === now.epoch && known.bytes < MAX_BYTES) return known;
  const made = { ...now, byKey: new Map<string, Buffer | Promise<Buffer>>(), bytes: 0 };
  kept.set(store, made);
  return made;
}
