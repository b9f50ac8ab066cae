/** Takes the folder that it is given, says how that went, and holds it until it is killed. */
import { asFailure } from '../../src/model/failure.ts';
import { lockFolder } from '../../src/store/sqlite/sqlite-lock.ts';

let said = 'busy';
try {
  if (lockFolder(process.argv[2] ?? '') !== undefined) said = 'held';
} catch (error) {
  said = asFailure(error).operatorText;
}
console.log(said);
if (said === 'held') setInterval(() => {}, 1_000);
