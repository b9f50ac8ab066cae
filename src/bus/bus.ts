import type { AgentEvent, Command, Reply, Verb } from '../model/command.ts';
import type { HostName } from '../model/ids.ts';

/** Carries out the commands for one host, and returns the reply that `Commands` lists for the verb. */
export type CommandHandler = (command: Command, signal: AbortSignal) => Promise<unknown>;

/**
 * The messages between control plane and agents. One law suite (`test/laws/bus.ts`) tests every
 * implementation.
 */
export interface Bus {
  /**
   * Sends a command to a host's agent and waits for the reply. A `Failure` of the agent is thrown with its
   * kind and texts.
   * @throws {Failure} `unavailable` when no agent serves the host (it has done nothing), `outcome-unknown`
   *   when the agent went away before its reply, `timed-out` when `signal` was aborted
   */
  request<V extends Verb>(
    host: HostName,
    command: Command & { verb: V },
    signal: AbortSignal,
  ): Promise<Reply<V>>;
  /** Resolves when commands can be sent: at once, unless the bus is down; or when the signal is aborted. */
  opened(signal: AbortSignal): Promise<void>;
  /** Carries out the commands for one host, until the returned function is called. */
  serve(host: HostName, handler: CommandHandler): Promise<() => Promise<void>>;
  /** Publishes an event to the control plane. Resolves when a replica has handled it. */
  publish(event: AgentEvent): Promise<void>;
  /** Receives the events of all agents, one at a time in order. */
  subscribe(listener: (event: AgentEvent) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}
