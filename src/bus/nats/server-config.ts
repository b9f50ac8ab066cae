import type { JwtClaims } from './authority.ts';

/** The file of {@link claimsConfig}, beside the configuration. */
export const CLAIMS_FILE = 'claims.conf';

/** Settings of a NATS server, apart from its trusted authority. */
export interface ServerSettings {
  readonly listen: { readonly host: string; readonly port: number };
  /** The folder for streams and JWT claims. */
  readonly dataDir: string;
  readonly tls: { readonly cert: string; readonly key: string } | null;
}

/** The configuration of a NATS server for Nameplate. Pure. */
export function serverConfig({ listen, dataDir, tls }: ServerSettings): string {
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  const secure =
    tls === null ? '' : `tls {\n  cert_file: ${quoted(tls.cert)}\n  key_file: ${quoted(tls.key)}\n}\n`;
  return `# Written by "nameplate bus init". Run: nats-server -c THIS-FILE
listen: ${quoted(`${host}:${listen.port}`)}
server_name: nameplate
# Console logs travel in one message.
max_payload: 8MB
max_pending: 64MB
ping_interval: "10s"
${secure}jetstream {
  store_dir: ${quoted(`${dataDir}/jetstream`)}
}
resolver {
  type: full
  dir: ${quoted(`${dataDir}/claims`)}
  allow_delete: false
}
include "${CLAIMS_FILE}"
`;
}

/** The part of the configuration with the authority that the server trusts. Pure. */
export function claimsConfig({ operator, account, system }: JwtClaims): string {
  return `operator: ${operator}
system_account: ${system.key}
resolver_preload: {
  ${system.key}: ${system.jwt}
  ${account.key}: ${account.jwt}
}
`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
