/** A hypermedia link as the Compute API writes it. */
export interface Link {
  readonly rel: string;
  readonly href: string;
  readonly type?: string;
}

/**
 * The `self` link (with the API version in its path) and the `bookmark` link (without it) of a resource.
 * @param base the service's URL for the client, e.g. `http://host/compute/v2.1`
 */
export function linksOf(base: string, collection: string, id: string): Link[] {
  return [
    { rel: 'self', href: `${base}/${collection}/${encodeURIComponent(id)}` },
    bookmarkOf(base, collection, id),
  ];
}

/** Only the `bookmark` link. */
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
 * The link to the next page; undefined unless this page is full. It keeps all query parameters except the
 * marker.
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
