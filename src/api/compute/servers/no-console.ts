import { Failure } from '../../../model/failure.ts';
import { hasScreen } from '../../../model/machine-identity.ts';
import type { Server } from '../../../model/server.ts';

/** Consoles of Nova that show a guest's screen. */
const SCREENS = ['novnc', 'xvpvnc'];

/** Why a server has no console of a type: none is offered, and guests of release 0.1 have no screen. */
export function noConsole({ machine }: Pick<Server, 'machine'>, type: string): Failure {
  if (SCREENS.includes(type) && !hasScreen(machine))
    return new Failure(
      'invalid',
      `Unavailable console type ${type}: the server was made by release 0.1 and has no screen until it is rebuilt. Its serial console can be read.`,
    );
  return new Failure('invalid', `Unavailable console type ${type.slice(0, 255)}.`);
}
