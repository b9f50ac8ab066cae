import type { Socket } from 'node:net';

/** What Node's HTTP parser refuses, by its code; everything else is a malformed request. */
const STATUS_OF_CODE: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/**
 * Answers a connection whose bytes are no request, before any route knows of it, and closes it. The answer
 * says so: a client that keeps connections alive would otherwise send its next request into a connection that
 * is gone. It has no body, as nobody knows whether the request was a HEAD.
 */
export function refuseUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
  const status = STATUS_OF_CODE[error.code ?? ''] ?? '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
