import type { Feature } from '../model/feature.ts';
import type { ComputeHost } from '../model/host.ts';

const FEATURE: Feature = 'unique-serial';

/** Why a host cannot give guests their own serials. */
export type OwnSerialObstacle = 'architecture' | 'agent';

/** @returns undefined for a host that reports that it can give each guest its own serial */
export function ownSerialObstacle({
  givesSerial,
  features,
}: Pick<ComputeHost, 'givesSerial' | 'features'>): OwnSerialObstacle | undefined {
  if (!givesSerial) return 'architecture';
  return features.includes(FEATURE) ? undefined : 'agent';
}

/** The obstacle as a sentence for operators. */
export function describeOwnSerialObstacle(
  host: Pick<ComputeHost, 'givesSerial' | 'features' | 'arch' | 'version'>,
): string | undefined {
  const obstacle = ownSerialObstacle(host);
  if (obstacle === undefined) return undefined;
  return obstacle === 'architecture'
    ? `guests of its architecture (${host.arch}) have no SMBIOS table that could hold one`
    : `its agent (version ${host.version}) does not report the feature unique-serial`;
}
