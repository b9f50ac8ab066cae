import type { Config } from './declared.ts';

/** A violated rule about several options. */
export interface BrokenRule {
  readonly group: keyof Config & string;
  /** The option to change first. */
  readonly option: string;
  readonly what: string;
}

/** Finds options that are valid alone, but not together. */
export function brokenRules(config: Config): BrokenRule[] {
  const { libvirt, DEFAULT } = config;
  const problems: BrokenRule[] = [];
  if (libvirt.cpu_mode === 'custom' && libvirt.cpu_models.length === 0) {
    problems.push({
      group: 'libvirt',
      option: 'cpu_models',
      what: 'must name a CPU model, because cpu_mode is custom',
    });
  }
  if (libvirt.cpu_mode !== 'custom' && libvirt.cpu_models.length > 0) {
    const what = `must be empty, because cpu_mode is ${libvirt.cpu_mode}: only cpu_mode = custom uses it`;
    problems.push({ group: 'libvirt', option: 'cpu_models', what });
  }
  if (libvirt.network_type !== 'none' && libvirt.network_name === undefined) {
    const what = `must be set, because network_type is ${libvirt.network_type}`;
    problems.push({ group: 'libvirt', option: 'network_name', what });
  }
  if (DEFAULT.service_down_time <= DEFAULT.report_interval) {
    const { service_down_time, report_interval } = DEFAULT;
    const what = `is ${service_down_time} seconds: must be more than report_interval, which is ${report_interval}, or every host counts as down`;
    problems.push({ group: 'DEFAULT', option: 'service_down_time', what });
  }
  return problems;
}
