import type { RequestContext } from '../../http/route.ts';

/**
 * A page of a list, ready to send: the one that was made before, as long as nothing at all has been committed
 * since and the hosts' facts are the same; else a new one.
 */
export async function cachedPage(context: RequestContext, make: () => Promise<string>): Promise<Buffer> {
  const { store, caches } = context.parts;
  // The stamp is taken before anything is read: a page that was made meanwhile is then older than it says,
  // never newer.
  const stamp = await store.commitVersion();
  const { epoch } = await caches.hostFacts.current();
  const { version, caller, base, request } = context;
  const key = `${version} ${caller.isAdmin} ${caller.projectId} ${base} ${request.url}`;
  return caches.serverPages.get({ stamp, epoch }, key, make);
}
