import { inabilityOf } from '../model/messages/agent-ability.ts';
import type { Filter } from './filter.ts';

/**
 * Passes hosts whose agent is of a neighbouring release and can carry out what the operation asks of it. Nova
 * compares RPC versions.
 */
export const protocolFilter: Filter = {
  name: 'ProtocolFilter',
  onRebuild: true,
  forOwner: 'has an agent that can do this',
  testFor:
    ({ asks = [] }) =>
    ({ host }) =>
      inabilityOf(host, asks),
};
