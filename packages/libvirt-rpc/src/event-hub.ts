import { type Codec, decode, i32 } from './codec.ts';
import type { Connection } from './connection.ts';
import { type DomainEvent, type DomainEventName, domainEvents } from './domain-events.ts';
import { EventQueue, type EventStream } from './event-stream.ts';
import type { Domain } from './remote-types.ts';
import { callOn } from './session.ts';
import { XdrReader } from './xdr.ts';

interface Subscription {
  readonly message: Codec<{ readonly callbackId: number }>;
  readonly queue: EventQueue<unknown>;
}

/** The event subscriptions of one connection. */
export class EventHub {
  readonly #connection: Connection;
  readonly #subscriptions = new Map<number, Subscription>();
  /** Number of registrations without a known callback id: their first events may arrive before the id. */
  #registering = 0;
  #early: Buffer[] = [];

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.onEvent = (payload) => this.#deliver(payload);
    void connection.ended.then(() => {
      for (const { queue } of this.#subscriptions.values()) queue.end();
      this.#subscriptions.clear();
    });
  }

  /** Subscribes to events of one kind, of one guest or of all. @throws LibvirtError, ConnectionLost */
  async subscribe<N extends DomainEventName>(
    name: N,
    domain: Domain | undefined,
  ): Promise<EventStream<DomainEvent<N>>> {
    const { id, message } = domainEvents[name];
    this.#registering++;
    try {
      const args = { eventId: id, domain };
      const callbackId = await callOn(this.#connection, 'connectDomainEventCallbackRegisterAny', args);
      const queue = new EventQueue<DomainEvent<N>>(() => this.#release(callbackId));
      this.#subscriptions.set(callbackId, {
        message: message as Subscription['message'],
        queue: queue as EventQueue<unknown>,
      });
      for (const payload of this.#early.splice(0)) this.#deliver(payload);
      return queue;
    } finally {
      this.#registering--;
      if (this.#registering === 0) this.#early = [];
    }
  }

  async #release(callbackId: number): Promise<void> {
    if (!this.#subscriptions.delete(callbackId)) return;
    await callOn(this.#connection, 'connectDomainEventCallbackDeregisterAny', { callbackId });
  }

  /** All messages begin with the callback id. Messages of a subscription that has just ended are dropped. */
  #deliver(payload: Buffer): void {
    const callbackId = i32.read(new XdrReader(payload));
    const subscription = this.#subscriptions.get(callbackId);
    if (subscription === undefined) {
      if (this.#registering > 0) this.#early.push(Buffer.from(payload));
      return;
    }
    const { callbackId: _, ...event } = decode(subscription.message, payload);
    subscription.queue.push(event);
  }
}
