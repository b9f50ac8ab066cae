import type { AgentEvent, Command, Reply, Verb } from '../model/command.ts';
import type { HostName } from '../model/ids.ts';

/** Answers the commands that reach one host: each with the reply that `Commands` lists for its verb. */
export type CommandHandler = (command: Command, signal: AbortSignal) => Promise<unknown>;

/** How control plane and agents talk. Every implementation passes the same law suite (`test/laws/bus.ts`). */
export interface Bus {
  /**
   * Asks a host's agent to carry out a command and waits for its answer. The agent's `Failure` is thrown here
   * with its kind and texts.
   * @throws {Failure} `unavailable` when no agent serves the host (nothing was done), `outcome-unknown` when
   * it went away in between, `timed-out` when `signal` was aborted
   */
  request<V extends Verb>(
    host: HostName,
    command: Command & { verb: V },
    signal: AbortSignal,
  ): Promise<Reply<V>>;
  /**
   * Resolves when hosts can be asked: at once, unless the bus itself is away; or when the signal is aborted.
   */
  opened(signal: AbortSignal): Promise<void>;
  /** Answers the commands for one host until the returned function is called. */
  serve(host: HostName, handler: CommandHandler): Promise<() => Promise<void>>;
  /** Publishes an event to the control plane. Resolves when a replica has handled it. */
  publish(event: AgentEvent): Promise<void>;
  /** Receives the events of all agents, one at a time in order. */
  subscribe(listener: (event: AgentEvent) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}
