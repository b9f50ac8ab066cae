import type { Socket } from 'node:net';

/** Statuses for errors of Node's HTTP parser, by code. Every other error is a malformed request. */
const STATUS_OF_CODE: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/**
 * Answers bytes that are not an HTTP request, and closes the connection. The answer announces this, because
 * a client that keeps connections alive would otherwise send its next request into a closed connection. It
 * has no body, because the request may have been a HEAD.
 */
export function refuseUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
  const status = STATUS_OF_CODE[error.code ?? ''] ?? '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
