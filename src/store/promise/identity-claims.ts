import type { ServerId } from '../../model/ids.ts';

/** A value that an imported server was given. */
export interface IdentityClaim {
  readonly kind: 'serial' | 'disk-serial';
  readonly value: string;
  readonly serverId: ServerId;
}

/** Who has a value that a guest is known by. All answers leave out deleted servers. */
export interface IdentityClaimQueries {
  /**
   * Claims values for a server that is not deleted. They are free again when it is.
   * @throws {Failure} `conflict` when another server has one, with its id
   */
  add(claims: readonly IdentityClaim[]): Promise<void>;
  /** Claims of these values. */
  of(kind: IdentityClaim['kind'], values: readonly string[]): Promise<IdentityClaim[]>;
  /** Servers whose guest was ever booted with this serial. */
  bootedWith(serial: string): Promise<ServerId[]>;
  /** Servers whose id begins with these characters. */
  withIdPrefix(prefix: string): Promise<ServerId[]>;
}
