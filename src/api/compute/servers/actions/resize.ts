import { Failure } from '../../../../model/failure.ts';
import { isSameFlavor } from '../../../../model/flavor.ts';
import { Type } from '../../../../model/schema.ts';
import { resizeServer } from '../../../../operations/kinds/resize-server.ts';
import type { Route } from '../../../http/route.ts';
import { diskConfigOf } from '../disk-config.ts';
import { DiskConfigSchema, FlavorRefSchema } from '../field-schemas.ts';
import { flavorForServer } from '../flavor-for-server.ts';
import { requesterOf } from '../found-server.ts';
import { requireDisk } from '../zero-disk.ts';
import { action } from './action.ts';

const Resize = Type.Object(
  { flavorRef: FlavorRefSchema, 'OS-DCF:diskConfig': Type.Optional(DiskConfigSchema) },
  { additionalProperties: false },
);

/** https://docs.openstack.org/api-ref/compute/#resize-server-resize-action */
export const resizeActions: readonly Route[] = [
  action({
    key: 'resize',
    access: 'member',
    policy: 'os_compute_api:servers:resize',
    summary: 'Give a server another flavor, to be confirmed or reverted',
    schema: Resize,
    async handle(asked) {
      const { context, server, body } = asked;
      const { caller, parts } = context;
      const flavor = await flavorForServer(parts.store, caller, body.flavorRef);
      if (isSameFlavor(flavor, server.flavor))
        throw new Failure('invalid', 'When resizing, instances must change flavor!');
      if (flavor.rootGb === 0 && server.flavor.rootGb !== 0)
        throw new Failure(
          'invalid',
          'Server disk was unable to be resized because: Resize to zero disk flavor is not allowed.',
        );
      requireDisk(caller, flavor);
      const diskConfig = diskConfigOf({ 'OS-DCF:diskConfig': 'MANUAL', ...body }, server.image);
      await parts.operations.start(resizeServer, server, { flavor, diskConfig }, requesterOf(context));
    },
  }),
];
