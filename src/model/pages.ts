/**
 * Reads a whole list of the store page by page: each page begins after the last row of the one before.
 * @param limit rows of a page
 */
export async function* pagesOf<Row extends { readonly id: string }>(
  read: (page: { readonly limit: number; readonly marker?: string }) => Promise<readonly Row[]>,
  limit: number,
): AsyncGenerator<readonly Row[], void, undefined> {
  for (let marker: string | undefined; ; ) {
    const rows = await read({ limit, ...(marker !== undefined && { marker }) });
    yield rows;
    if (rows.length < limit) return;
    marker = rows.at(-1)?.id;
  }
}
