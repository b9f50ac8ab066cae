import type { RequestContext } from '../../http/route.ts';

/**
 * A page of a list, ready to send. A cached page is used as long as nothing has been committed since and the
 * hosts' facts have not changed.
 */
export async function cachedPage(context: RequestContext, make: () => Promise<string>): Promise<Buffer> {
  const { store, caches } = context.parts;
  // The commit version is read first: a page may then be newer than its version, but never older.
  const stamp = await store.commitVersion();
  const { epoch } = await caches.hostFacts.current();
  const { version, caller, base, request } = context;
  const key = `${version} ${caller.isAdmin} ${caller.projectId} ${base} ${request.url}`;
  return caches.serverPages.get({ stamp, epoch }, key, make);
}
