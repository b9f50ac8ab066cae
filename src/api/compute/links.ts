/** A hypermedia link as the Compute API writes it. */
export interface Link {
  readonly rel: string;
  readonly href: string;
  readonly type?: string;
}

/**
 * The `self` link (with the version in its path) and the `bookmark` link (without) of one thing.
 * @param base where the client reached the service, e.g. `http://host/compute/v2.1`
 */
export function linksOf(base: string, collection: string, id: string): Link[] {
  return [
    { rel: 'self', href: `${base}/${collection}/${encodeURIComponent(id)}` },
    bookmarkOf(base, collection, id),
  ];
}

/** The `bookmark` link alone. */
export function bookmarkOf(base: string, collection: string, id: string): Link {
  return { rel: 'bookmark', href: `${withoutVersion(base)}/${collection}/${encodeURIComponent(id)}` };
}

/**
 * `http://host/compute/v2.1/project` → `http://host/compute/project` (nova/api/openstack/common.py
 * remove_trailing_version_from_href).
 */
export function withoutVersion(base: string): string {
  return base.replace(/\/v2(?:\.\d+)?(?=\/|$)/, '');
}

/**
 * The link to the page after a full one, or undefined when this page was not full.
 * Every query word of the request goes on, with the new marker.
 */
export function nextLinks(
  list: { readonly base: string; readonly path: string; readonly query: Readonly<Record<string, unknown>> },
  page: { readonly limit: number; readonly count: number; readonly lastId: string | undefined },
): Link[] | undefined {
  if (page.lastId === undefined || page.count < page.limit) return undefined;
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(list.query)) {
    if (name === 'marker') continue;
    for (const one of Array.isArray(value) ? value : [value]) words.append(name, String(one));
  }
  words.set('marker', page.lastId);
  return [{ rel: 'next', href: `${list.base}/${list.path}?${words}` }];
}
