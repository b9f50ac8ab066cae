/** The commit of openstack/nova (2026-08-21, microversion 2.104) whose rules Nameplate mirrors. */
export const NOVA_COMMIT = '00a030403f672b975364c855b7d25b40ef83e757';

/** The page of a file of Nova at the pinned commit, at a line when one is given. */
export function novaUrl(path: string, line?: number): string {
  const page = `https://opendev.org/openstack/nova/src/commit/${NOVA_COMMIT}/${path}`;
  return line === undefined ? page : `${page}#L${line}`;
}
