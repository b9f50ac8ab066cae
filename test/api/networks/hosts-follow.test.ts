import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { watch } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { GuestPort, GuestRule } from '../../../src/model/network/guest-port.ts';
import type { PortId } from '../../../src/model/network/network-ids.ts';
import { PortRefresh } from '../../../src/operations/requests/refresh-ports.ts';
import { type CloudWithNetworks, startCloudWithNetworks } from './cloud-with-networks.ts';

let cloud: CloudWithNetworks;
before(async () => {
  cloud = await startCloudWithNetworks();
});
after(() => cloud.close());

const network = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) =>
  cloud.ask({
    method,
    path: `/networking/v2.0${path}`,
    token: cloud.member.token,
    ...(body !== undefined && { body }),
  });

async function portOf(server: string): Promise<PortId> {
  return (await cloud.service.store.ports.ofServers([server])).get(server)![0]!.id;
}

/** The port as a simulated host keeps it: the last line that names it. */
async function onHost(port: PortId): Promise<GuestPort | undefined> {
  for await (const path of glob(join(cloud.folder, '**', 'ports.jsonl'))) {
    const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line.includes(port));
    const last = lines.at(-1);
    if (last !== undefined)
      return (JSON.parse(last) as { plugged: { port: GuestPort } | null }).plugged?.port;
  }
  return undefined;
}

/** Waits until the host has the port so. */
async function follows(port: PortId, isSo: (rules: readonly GuestRule[]) => boolean): Promise<void> {
  const written = watch(cloud.folder, { recursive: true });
  try {
    for (;;) {
      const changed = new Promise((resolve) => written.once('change', resolve));
      if (isSo((await onHost(port))?.rules ?? [])) return;
      await changed;
    }
  } finally {
    written.close();
  }
}

const letsIn = (address: string) => (rules: readonly GuestRule[]) =>
  rules.some(({ remotes }) => remotes?.some((cidr) => cidr.startsWith(`${address}/`)));

describe('the host of a running guest', () => {
  it('follows when a rule is added to a security group of its port, and when it is deleted', async () => {
    const port = await portOf(await cloud.created({ networks: 'auto' }));
    const groups = await network('GET', '/security-groups?name=default');
    const rule = {
      security_group_id: groups.body.security_groups[0].id,
      direction: 'ingress',
      protocol: 'tcp',
      port_range_min: 22,
      port_range_max: 22,
    };
    const made = await network('POST', '/security-group-rules', { security_group_rule: rule });
    assert.equal(made.status, 201, made.text);
    const isOpen = (rules: readonly GuestRule[]) => rules.some(({ portRangeMin }) => portRangeMin === 22);
    await follows(port, isOpen);
    await network('DELETE', `/security-group-rules/${made.body.security_group_rule.id}`);
    await follows(port, (rules) => !isOpen(rules));
  });

  it('lets a later server of the group in, and not the address of one that is gone', async () => {
    const first = await portOf(await cloud.created({ networks: 'auto' }));
    const id = await cloud.created({ networks: 'auto' });
    const [second] = (await cloud.service.store.ports.ofServers([id])).get(id)!;
    const { address } = second!.fixedIps[0]!;
    await follows(first, (rules) => letsIn(address)(rules));
    await cloud.compute('DELETE', `/servers/${id}`);
    await follows(first, (rules) => !letsIn(address)(rules));
  });

  it('lets a port in that is attached to another server of the group, until it is detached', async () => {
    const first = await portOf(await cloud.created({ networks: 'auto' }));
    const id = await cloud.created({ networks: 'none' });
    const path = `/servers/${id}/os-interface`;
    const made = await cloud.compute('POST', path, { body: {} });
    assert.equal(made.status, 200, made.text);
    const { port_id, fixed_ips } = made.body.interfaceAttachment;
    await follows(first, letsIn(fixed_ips[0].ip_address));
    await cloud.compute('DELETE', `${path}/${port_id}`);
    await follows(first, (rules) => !letsIn(fixed_ips[0].ip_address)(rules));
  });

  it('follows at a sweep what no host was told: a replica ended after the commit', async () => {
    const port = await portOf(await cloud.created({ networks: 'auto' }));
    const { store } = cloud.service;
    const { securityGroupIds, projectId } = (await store.ports.find(port))!;
    const rule = { direction: 'ingress', ethertype: 'IPv4', protocol: 'tcp', description: '' } as const;
    await store.securityGroups.addRule({
      ...{ ...rule, id: randomUUID(), groupId: securityGroupIds[0]!, projectId },
      ...{ portRangeMin: 77, portRangeMax: 77, remoteIpPrefix: null, remoteGroupId: null, createdAt: 0 },
    });
    const other = new PortRefresh({ store, bus: cloud.bus, log: () => undefined });
    await other.sweep();
    await follows(port, (rules) => rules.some(({ portRangeMin }) => portRangeMin === 77));
  });

  it('follows when a security group is added to its server by the Compute API', async () => {
    const id = await cloud.created({ networks: 'auto' });
    const port = await portOf(id);
    const { security_group } = (
      await network('POST', '/security-groups', { security_group: { name: 'web' } })
    ).body;
    const rule = { security_group_id: security_group.id, direction: 'ingress', protocol: 'udp' };
    await network('POST', '/security-group-rules', { security_group_rule: rule });
    const added = await cloud.compute('POST', `/servers/${id}/action`, {
      body: { addSecurityGroup: { name: 'web' } },
    });
    assert.equal(added.status, 202, added.text);
    await follows(port, (rules) => rules.some(({ protocol }) => protocol === 'udp'));
  });

  it('follows when the port itself is put into other groups', async () => {
    const port = await portOf(await cloud.created({ networks: 'auto' }));
    await follows(port, (rules) => rules.length > 0);
    const changed = await network('PUT', `/ports/${port}`, { port: { security_groups: [] } });
    assert.equal(changed.status, 200, changed.text);
    await follows(port, (rules) => rules.length === 0);
  });
});
