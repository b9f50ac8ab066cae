#!/usr/bin/env node
// The package's `bin`. Plain JavaScript, so that a Node that is too old can read it and say so.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const root = new URL('..', import.meta.url);
// Not `engines.node`: npm would warn of it on every machine whose own Node is older than the pinned one.
const wanted = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')).dependencies.node;
const pinned = fileURLToPath(new URL('node_modules/node/bin/node', root));

if (isAtLeast(process.versions.node, wanted)) {
  // As setup/run.sh does it. In a folder of the package: others could write to one below /tmp.
  module.enableCompileCache(fileURLToPath(new URL('.cache/compile', root)));
  await import('../src/cli/nameplate.ts');
} else if (existsSync(pinned)) {
  const { status } = spawnSync(pinned, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  process.exit(status ?? 1);
} else {
  process.stderr.write(
    `nameplate: this is Node ${process.versions.node}; Nameplate needs Node ${wanted} or newer. Install that, or run \`npm start\` in a clone, which brings its own.\n`,
  );
  process.exit(2);
}

/** @param {string} version @param {string} least */
function isAtLeast(version, least) {
  const [have, need] = [version, least].map((text) => text.split('.').map(Number));
  const at = need.findIndex((part, index) => part !== have[index]);
  return at < 0 || have[at] > need[at];
}
