import { type OptionGroup, option } from '../option.ts';
import { integer } from '../types.ts';

const seconds = integer({ min: 1, max: 86_400 });

/** `[wsgi]`: nova/conf/wsgi.py ALL_OPTS. */
export const wsgiGroup = {
  help: 'Limits on connections to the APIs. An unauthenticated client can occupy one of `max_connections` for at most `header_timeout` and then `body_timeout`.',
  options: {
    header_timeout: option({
      type: seconds,
      default: '20',
      unit: 'seconds',
      from: 'Nameplate',
      help: "How long a client may take to send a request's headers. After that the service answers with 408 and closes the connection.",
    }),
    body_timeout: option({
      type: seconds,
      default: '30',
      unit: 'seconds',
      from: 'Nameplate',
      help: 'How long a client may take to send a JSON body after the headers. For image data, `client_socket_timeout` applies instead.',
    }),
    client_socket_timeout: option({
      type: seconds,
      default: '300',
      unit: 'seconds',
      help: 'How long a connection may be idle during a request: while the client neither sends nor reads data. Nova waits 900 seconds.',
    }),
    keep_alive_timeout: option({
      type: seconds,
      default: '72',
      unit: 'seconds',
      from: 'Nameplate',
      help: 'How long an idle connection is kept open for the next request.',
    }),
    max_connections: option({
      type: integer({ min: 10, max: 1_000_000 }),
      default: '4096',
      unit: 'connections',
      from: 'Nameplate',
      help: 'Maximum number of open connections to the APIs. Further ones are closed at once. Raise it together with the limit of open files (`ulimit -n`).',
    }),
  },
} as const satisfies OptionGroup;
