import { EventsMissed } from './errors.ts';

/** Events in order. The stream ends when it is closed, or when the connection ends. */
export interface EventStream<T> extends AsyncIterableIterator<T, undefined, undefined>, AsyncDisposable {
  /** Ends the stream and unsubscribes. Leaving a `for await` does the same. */
  close(): Promise<void>;
}

/** Maximum number of events that wait for their reader; beyond it the stream fails. */
export const eventBacklog = 10_000;

/** The writing side of an {@link EventStream}. */
export class EventQueue<T> implements EventStream<T> {
  readonly #release: () => Promise<void>;
  readonly #events: T[] = [];
  readonly #readers: PromiseWithResolvers<IteratorResult<T, undefined>>[] = [];
  #over: { readonly error: Error | undefined } | undefined;
  #released: Promise<void> | undefined;

  /** @param release unsubscribes from the daemon */
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

  /** Ends the stream. Waiting events can still be read; after them the error, if any, is thrown once. */
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
