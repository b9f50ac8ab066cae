import type { Cloud } from './cloud.ts';
import { RawConnection, requestBytes } from './raw-http.ts';

/** Requests one after the other on one connection: what a single user waits for. */
export class OneByOne {
  readonly #cloud: Cloud;
  readonly #connection: RawConnection;

  private constructor(cloud: Cloud, connection: RawConnection) {
    this.#cloud = cloud;
    this.#connection = connection;
  }

  static async on(cloud: Cloud): Promise<OneByOne> {
    return new OneByOne(cloud, await RawConnection.open(new URL(cloud.compute), true));
  }

  /**
   * Sends one request; a status of 400 or more is an error.
   * @param path below the Compute endpoint, or a URL of another service at the same address
   */
  async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const url = new URL(path.startsWith('/') ? `${this.#cloud.compute}${path}` : path);
    const { headers } = this.#cloud;
    const bytes = requestBytes({
      method,
      url,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer = await this.#connection.ask(bytes);
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
    return (answer.body === '' ? undefined : JSON.parse(answer.body)) as T;
  }

  close(): void {
    this.#connection.close();
  }
}

/**
 * Repeats a timed step for so long, and so often at most. @returns milliseconds of each, sorted; what is done
 * before each step is not counted
 */
export async function timed(
  most: { readonly seconds: number; readonly runs: number },
  step: (run: number) => Promise<unknown>,
  before: (run: number) => Promise<unknown> = async () => undefined,
): Promise<number[]> {
  const end = performance.now() + most.seconds * 1000;
  const times: number[] = [];
  for (let run = 0; run < most.runs && performance.now() < end; run++) {
    await before(run);
    const began = performance.now();
    await step(run);
    times.push(performance.now() - began);
  }
  return times.toSorted((a, b) => a - b);
}

/** The median of sorted times. */
export function median(times: readonly number[]): number {
  return times[Math.floor(times.length / 2)] ?? Number.NaN;
}
