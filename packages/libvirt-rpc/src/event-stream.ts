import { EventsMissed } from './errors.ts';

/** Events in their order. Ends when it is closed, or when the connection ends. */
export interface EventStream<T> extends AsyncIterableIterator<T, undefined, undefined>, AsyncDisposable {
  /** Ends the stream and tells the daemon. Leaving a `for await` does it too. */
  close(): Promise<void>;
}

/** Events that may wait for their reader before the stream fails. */
export const eventBacklog = 10_000;

/** The writing side of an {@link EventStream}. */
export class EventQueue<T> implements EventStream<T> {
  readonly #release: () => Promise<void>;
  readonly #events: T[] = [];
  readonly #readers: PromiseWithResolvers<IteratorResult<T, undefined>>[] = [];
  #over: { readonly error: Error | undefined } | undefined;
  #released: Promise<void> | undefined;

  /** @param release tells the daemon that no more events are wanted. */
  constructor(release: () => Promise<void>) {
    this.#release = release;
  }

  push(event: T): void {
    if (this.#over !== undefined) return;
    const reader = this.#readers.shift();
    if (reader !== undefined) reader.resolve({ value: event, done: false });
    else if (this.#events.length < eventBacklog) this.#events.push(event);
    else {
      this.end(new EventsMissed(`more than ${eventBacklog} events waited for their reader`));
      this.close().catch(() => {});
    }
  }

  /** No more events will come. Those that wait can still be read; then the error, if any, is thrown once. */
  end(error?: Error): void {
    if (this.#over !== undefined) return;
    this.#over = { error };
    for (const reader of this.#readers.splice(0)) this.#settleEnd(reader);
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const reader = Promise.withResolvers<IteratorResult<T, undefined>>();
    if (this.#events.length > 0) reader.resolve({ value: this.#events.shift() as T, done: false });
    else if (this.#over !== undefined) this.#settleEnd(reader);
    else this.#readers.push(reader);
    return reader.promise;
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    await this.close();
    return { value: undefined, done: true };
  }

  close(): Promise<void> {
    this.end();
    this.#events.length = 0;
    this.#released ??= this.#release();
    return this.#released;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #settleEnd(reader: PromiseWithResolvers<IteratorResult<T, undefined>>): void {
    const error = this.#over?.error;
    this.#over = { error: undefined };
    if (error === undefined) reader.resolve({ value: undefined, done: true });
    else reader.reject(error);
  }
}
