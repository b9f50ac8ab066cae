import { Failure } from '../../model/failure.ts';
import { TurnOrder } from './turn-order.ts';

/** Who work is done for. */
export interface Applicant {
  /** Where the request came from. */
  readonly address: string;
  /**
   * Whose password it is about, as the request names the user: whether there is one must make no difference.
   */
  readonly user: string;
}

interface Job extends Applicant {
  start(): void;
  refuse(): void;
}

export interface FairQueueLimits {
  readonly running: number;
  /** In all, and from one address. */
  readonly waiting: number;
  readonly waitingOfAddress: number;
}

/**
 * Lets a few pieces of costly work run at once. Addresses take turns, and so do users, in every other turn:
 * however many wait from one address or for one user, another is served after as many pieces as there are
 * others, not as they have. When the queue is full, who has most in it is refused, not who comes last.
 */
export class FairQueue {
  readonly #limits: FairQueueLimits;
  readonly #byAddress = new TurnOrder<Job>((job) => [job.address, job.user]);
  readonly #byUser = new TurnOrder<Job>((job) => [job.user, job.address]);
  #running = 0;
  #turn = 0;

  constructor(limits: FairQueueLimits) {
    this.#limits = limits;
  }

  /** @throws {Failure} `too-many-requests` when too many wait already, most of them for this applicant */
  async run<T>(applicant: Applicant, work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limits.running) await this.#wait(applicant);
    else this.#running++;
    try {
      return await work();
    } finally {
      const next = this.#next();
      if (next === undefined) this.#running--;
      else next.start();
    }
  }

  /** The place of one that ends is handed over, so that nobody slips in between. */
  #wait({ address, user }: Applicant): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const job: Job = { address, user, start: resolve, refuse: () => reject(tooMany()) };
    this.#add(job);
    if (this.#byAddress.sizeOf(address) > this.#limits.waitingOfAddress)
      this.#refuse(this.#byAddress.lastOfLargestWithin(address));
    else if (this.#byAddress.size > this.#limits.waiting) this.#refuse(this.#greediest());
    return promise;
  }

  #add(job: Job): void {
    this.#byAddress.add(job);
    this.#byUser.add(job);
  }

  /** The newest of the address or the user that has most. */
  #greediest(): Job | undefined {
    const [address, user] = [this.#byAddress.lastOfLargest(), this.#byUser.lastOfLargest()];
    if (address === undefined || user === undefined) return address ?? user;
    const ofAddress = this.#byAddress.sizeOf(address.address);
    return ofAddress >= this.#byUser.sizeOf(user.user) ? address : user;
  }

  #refuse(job: Job | undefined): void {
    if (job === undefined) return;
    this.#remove(job);
    job.refuse();
  }

  #next(): Job | undefined {
    const order = this.#turn++ % 2 === 0 ? this.#byAddress : this.#byUser;
    const job = order.next();
    if (job !== undefined) this.#remove(job);
    return job;
  }

  #remove(job: Job): void {
    this.#byAddress.remove(job);
    this.#byUser.remove(job);
  }
}

function tooMany(): Failure {
  return new Failure(
    'too-many-requests',
    'Too many requests of yours that take long are waiting. Try again in a moment.',
  );
}
