import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cpuText, type GuestCpu, type HostCpu, previewCpu } from './guest-cpu.ts';

const CPU: GuestCpu = {
  ...{ mode: 'custom', model: 'Nehalem', vendor: 'Intel' },
  ...{ features: { vme: 'disable', aes: 'require' }, all: ['aes', 'sse4.2'] },
};
const HOST: HostCpu = {
  ...{ holds: true, configured: 'host-model', model: 'Nehalem', vendor: 'Intel' },
  features: ['aes', 'sse4.2', 'ssse3'],
};

it('a CPU is written as a model with the features in which it differs', () => {
  assert.equal(cpuText(CPU), 'Nehalem,+aes,-vme');
  assert.equal(cpuText({ ...CPU, mode: 'host-passthrough', features: {} }), 'host-passthrough (Nehalem)');
});

describe('the preview of a CPU', () => {
  const recorded = { configured: 'host-model', held: true, started: CPU };
  const outcome = (host: Partial<HostCpu>, of: Partial<typeof recorded> = {}) =>
    previewCpu({ ...recorded, ...of }, { ...HOST, ...host });

  it('says that a host keeps it, or why it refuses', () => {
    assert.deepEqual(outcome({}), { outcome: 'keeps', why: null });
    assert.deepEqual(outcome({ features: ['aes'] }), {
      outcome: 'refuses',
      why: 'The server keeps its CPU ([libvirt] hold_cpu), and the host lacks sse4.2.',
    });
  });

  it('says what a host changes that does not hold it', () => {
    const follows = { holds: false, features: CPU.all };
    assert.deepEqual(outcome(follows), { outcome: 'keeps', why: null });
    assert.deepEqual(outcome({ ...follows, model: 'EPYC' }), {
      outcome: 'changes',
      why: 'The CPU follows that of the host (EPYC).',
    });
    assert.deepEqual(outcome({ ...follows, configured: 'custom (Penryn)' }), {
      outcome: 'changes',
      why: "The host's configuration asks for custom (Penryn).",
    });
    const custom = 'custom (Nehalem)';
    assert.equal(outcome({ holds: false, configured: custom }, { configured: custom }).outcome, 'keeps');
  });

  it('is unknown before the first start, and where the host does not report its CPU', () => {
    for (const preview of [previewCpu(undefined, HOST), previewCpu(recorded, undefined)])
      assert.deepEqual(preview, { outcome: 'unknown', why: null });
    assert.equal(previewCpu({ ...recorded, started: null }, HOST).outcome, 'unknown');
  });
});
