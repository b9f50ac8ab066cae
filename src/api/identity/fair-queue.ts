import { Failure } from '../../model/failure.ts';
import { TurnOrder } from './turn-order.ts';

/** The client and user for whom work is done. */
export interface Applicant {
  /** The client's address. */
  readonly address: string;
  /** The user as the request names it. Unknown users must be treated like known ones. */
  readonly user: string;
}

interface Job extends Applicant {
  start(): void;
  refuse(): void;
}

export interface FairQueueLimits {
  readonly running: number;
  /** Maximum number of waiting jobs in total, and from one address. */
  readonly waiting: number;
  readonly waitingOfAddress: number;
}

/**
 * Limits how many pieces of costly work run at once. Turns alternate between addresses and users, and rotate
 * among them: however many jobs of one address or user wait, another one is served after one job of each.
 * When the queue is full, the address or user with the most jobs is refused, and not the newest job.
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

  /** @throws {Failure} `too-many-requests` when too many jobs wait and most of them are this applicant's */
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

  /** An ending job passes its place to a waiting one, so that no new job can take it first. */
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

  /** The newest job of the address or user with the most jobs. */
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
