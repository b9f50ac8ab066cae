import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { cpuText, type HostCpu, whyNotGiven } from '../../../model/guest-cpu.ts';
import { writeXml } from '../../../model/xml-element.ts';
import { parseHostModel } from '../host/capabilities.ts';
import { configuredCpu, heldCpuElement } from './cpu.ts';
import { readLiveGuest } from './read-identity.ts';

const fixture = (name: string) => readFile(new URL(`kvm/${name}.xml`, import.meta.url), 'utf8');
/** Those of the model that matter here, then what the fixture adds and takes away. */
const MODEL = ['aes', 'avx512f', 'spec-ctrl', 'sse4.2'];

describe('host-model on KVM', async () => {
  const live = readLiveGuest(await fixture('live-cpu')).cpu ?? assert.fail();
  const host = parseHostModel(await fixture('domain-capabilities')) ?? assert.fail();

  it('comes to a model with the features in which the host differs from it', () => {
    assert.equal(configuredCpu({ cpuMode: null, cpuModel: null, virtType: 'kvm' }), 'host-model');
    assert.equal(live.mode, 'custom');
    assert.equal(live.model, 'Skylake-Server-IBRS');
    assert.equal(live.vendor, 'Intel');
    assert.equal(live.features['md-clear'], 'require');
    assert.equal(live.features.rtm, 'disable');
    assert.match(cpuText(live), /^Skylake-Server-IBRS,\+clflushopt,-hle,.*,-rtm,/);
    assert.deepEqual(host, {
      mode: 'custom',
      model: live.model,
      vendor: live.vendor,
      features: live.features,
    });
  });

  it('is repeated as the model, so that no other host expands it to its own CPU', async () => {
    const xml = writeXml(heldCpuElement(live));
    assert.match(xml, /<cpu mode="custom" match="exact" check="full">/);
    assert.deepEqual(readLiveGuest(`<domain>${xml}</domain>`).cpu, live);
  });

  it('is given by a host with the same and more features, and by no other', () => {
    const required = Object.keys(live.features).filter((name) => live.features[name] === 'require');
    const cpu = { ...live, all: [...MODEL, ...required].toSorted() };
    const gives = (features: readonly string[]): string | undefined => {
      const other: HostCpu = {
        holds: true,
        configured: 'host-model',
        model: 'Cascadelake-Server',
        vendor: 'Intel',
        features,
      };
      return whyNotGiven(cpu, other);
    };
    assert.equal(gives([...cpu.all, 'avx512vnni']), undefined);
    assert.equal(gives(cpu.all.filter((name) => name !== 'avx512f')), 'lacks avx512f');
  });
});

describe('host-passthrough on KVM', () => {
  it('stays the mode, in the record and in later definitions', () => {
    const cpu = readLiveGuest(
      "<domain><cpu mode='host-passthrough' check='none' migratable='on'/></domain>",
    ).cpu;
    assert.ok(cpu);
    assert.equal(cpu.mode, 'host-passthrough');
    assert.equal(writeXml(heldCpuElement(cpu)).trim(), '<cpu mode="host-passthrough"/>');
  });
});
