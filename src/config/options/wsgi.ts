import { type OptionGroup, option } from '../option.ts';
import { integer } from '../types.ts';

const seconds = integer({ min: 1, max: 86_400 });

/** `[wsgi]`: nova/conf/wsgi.py ALL_OPTS. */
export const wsgiGroup = {
  help: 'How long and how many connections to the APIs are held. A client that is not logged in holds no more than one of `max_connections`, for `header_timeout` and then `body_timeout`.',
  options: {
    header_timeout: option({
      type: seconds,
      default: '20',
      unit: 'seconds',
      from: 'Nameplate',
      help: "How long a client may take to send a request's headers. A connection that has not sent them by then is answered with 408 and closed.",
    }),
    body_timeout: option({
      type: seconds,
      default: '30',
      unit: 'seconds',
      from: 'Nameplate',
      help: 'How long a client may take to send a JSON body, from the end of the headers. Image data is not bounded by it, but by `client_socket_timeout`.',
    }),
    client_socket_timeout: option({
      type: seconds,
      default: '300',
      unit: 'seconds',
      help: 'How long a connection may stand still while a request is on it: a sender of image data that sends nothing, a reader that takes nothing. Nova waits 900 seconds.',
    }),
    keep_alive_timeout: option({
      type: seconds,
      default: '72',
      unit: 'seconds',
      from: 'Nameplate',
      help: 'How long a connection is kept for the next request.',
    }),
    max_connections: option({
      type: integer({ min: 10, max: 1_000_000 }),
      default: '4096',
      unit: 'connections',
      from: 'Nameplate',
      help: 'Connections to the APIs at the same time; one more is closed at once. Raise it together with the limit of open files (`ulimit -n`).',
    }),
  },
} as const satisfies OptionGroup;
