/** What the API shows of the hosts of servers. */
export interface HostFacts {
  /** Grows whenever one of the facts changes: what was rendered before it is out of date. */
  readonly epoch: number;
  readonly byName: ReadonlyMap<string, HostFact>;
}

/** What the API shows of the host of a server. */
export interface HostFact {
  readonly zone: string;
  readonly hypervisorHostname: string;
  /** nova/compute/api.py get_instance_host_status */
  readonly status: 'UP' | 'DOWN' | 'UNKNOWN' | 'MAINTENANCE';
}
