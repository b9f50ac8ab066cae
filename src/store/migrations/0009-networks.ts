import type { Compilable } from 'kysely';
import type { StoreDialect } from '../sql/session.ts';
import { table } from './tables.ts';

/** Version 9: networks, subnets with their addresses, ports, security groups. */
export function networks(dialect: StoreDialect): Compilable[] {
  return [
    ...networkTables(dialect),
    ...portTables(dialect),
    ...addressTables(dialect),
    ...groupTables(dialect),
    ...sideTables(dialect),
  ];
}

function networkTables(dialect: StoreDialect): Compilable[] {
  return [
    table(dialect, 'networks', {
      id: 'text',
      generation: 'integer',
      project_id: 'text',
      name: 'text',
      shared: 'integer',
      admin_state_up: 'integer',
      physical_network: 'text?',
      mtu: 'integer',
      created_at: 'long',
      updated_at: 'long',
      body: 'text',
    })
      .addPrimaryKeyConstraint('networks_key', ['id'])
      .addUniqueConstraint('networks_physical_network', ['physical_network']),
    index(dialect, 'networks', 'of_project', ['project_id', 'id']),
    table(dialect, 'subnets', {
      id: 'text',
      generation: 'integer',
      network_id: 'text',
      project_id: 'text',
      name: 'text',
      ip_version: 'integer',
      cidr: 'text',
      first: 'text',
      last: 'text',
      gateway_ip: 'text?',
      enable_dhcp: 'integer',
      created_at: 'long',
      updated_at: 'long',
      body: 'text',
    })
      .addPrimaryKeyConstraint('subnets_key', ['id'])
      .addForeignKeyConstraint('subnets_of', ['network_id'], 'networks', ['id'], (fk) =>
        fk.onDelete('cascade'),
      ),
    index(dialect, 'subnets', 'of_network', ['network_id', 'id']),
    index(dialect, 'subnets', 'of_project', ['project_id', 'id']),
  ];
}

function portTables(dialect: StoreDialect): Compilable[] {
  return [
    table(dialect, 'ports', {
      id: 'text',
      generation: 'integer',
      network_id: 'text',
      project_id: 'text',
      name: 'text',
      admin_state_up: 'integer',
      mac: 'text',
      claimed_mac: 'text?',
      device_id: 'text',
      device_owner: 'text',
      place: 'integer?',
      host: 'text?',
      status: 'text',
      created_at: 'long',
      updated_at: 'long',
      body: 'text',
    })
      .addPrimaryKeyConstraint('ports_key', ['id'])
      .addUniqueConstraint('ports_mac', ['claimed_mac'])
      .addForeignKeyConstraint('ports_on', ['network_id'], 'networks', ['id']),
    index(dialect, 'ports', 'by_mac', ['mac']),
    index(dialect, 'ports', 'on_network', ['network_id', 'id']),
    index(dialect, 'ports', 'of_project', ['project_id', 'id']),
    index(dialect, 'ports', 'of_device', ['device_id', 'place', 'id']),
  ];
}

/** An address of a subnet's pools is in `port_addresses` or in one of its `free_addresses`, never in both. */
function addressTables(dialect: StoreDialect): Compilable[] {
  return [
    table(dialect, 'port_addresses', { subnet_id: 'text', key: 'text', address: 'text', port_id: 'text' })
      .addPrimaryKeyConstraint('port_addresses_key', ['subnet_id', 'key'])
      .addForeignKeyConstraint('port_addresses_in', ['subnet_id'], 'subnets', ['id'])
      .addForeignKeyConstraint('port_addresses_of', ['port_id'], 'ports', ['id'], (fk) =>
        fk.onDelete('cascade'),
      ),
    index(dialect, 'port_addresses', 'by_port', ['port_id']),
    index(dialect, 'port_addresses', 'by_address', ['address']),
    table(dialect, 'free_addresses', {
      number: 'counted',
      subnet_id: 'text',
      freed_at: 'long',
      first: 'text',
      last: 'text',
    }).addForeignKeyConstraint('free_addresses_of', ['subnet_id'], 'subnets', ['id'], (fk) =>
      fk.onDelete('cascade'),
    ),
    index(dialect, 'free_addresses', 'in_order', ['subnet_id', 'freed_at', 'number']),
    index(dialect, 'free_addresses', 'by_end', ['subnet_id', 'last']),
  ];
}

function groupTables(dialect: StoreDialect): Compilable[] {
  return [
    table(dialect, 'security_groups', {
      id: 'text',
      generation: 'integer',
      project_id: 'text',
      name: 'text',
      default_of: 'text?',
      created_at: 'long',
      updated_at: 'long',
      body: 'text',
    })
      .addPrimaryKeyConstraint('security_groups_key', ['id'])
      .addUniqueConstraint('security_groups_default_of', ['default_of']),
    index(dialect, 'security_groups', 'of_project', ['project_id', 'id']),
    table(dialect, 'security_group_rules', {
      number: 'counted',
      id: 'text',
      group_id: 'text',
      project_id: 'text',
      remote_group_id: 'text?',
      matches: 'text',
      created_at: 'long',
      body: 'text',
    })
      .addUniqueConstraint('security_group_rules_id', ['id'])
      .addUniqueConstraint('security_group_rules_once', ['group_id', 'matches'])
      .addForeignKeyConstraint('security_group_rules_of', ['group_id'], 'security_groups', ['id'], (fk) =>
        fk.onDelete('cascade'),
      )
      .addForeignKeyConstraint(
        'security_group_rules_remote',
        ['remote_group_id'],
        'security_groups',
        ['id'],
        (fk) => fk.onDelete('cascade'),
      ),
    index(dialect, 'security_group_rules', 'by_remote', ['remote_group_id']),
    table(dialect, 'port_security_groups', { port_id: 'text', group_id: 'text' })
      .addPrimaryKeyConstraint('port_security_groups_key', ['port_id', 'group_id'])
      .addForeignKeyConstraint('port_security_groups_of', ['port_id'], 'ports', ['id'], (fk) =>
        fk.onDelete('cascade'),
      )
      .addForeignKeyConstraint('port_security_groups_in', ['group_id'], 'security_groups', ['id']),
    index(dialect, 'port_security_groups', 'by_group', ['group_id', 'port_id']),
  ];
}

function sideTables(dialect: StoreDialect): Compilable[] {
  return [
    table(dialect, 'network_tags', { resource_id: 'text', tag: 'text' }).addPrimaryKeyConstraint(
      'network_tags_key',
      ['resource_id', 'tag'],
    ),
    table(dialect, 'network_usage', {
      project_id: 'text',
      resource: 'text',
      used: 'long',
    }).addPrimaryKeyConstraint('network_usage_key', ['project_id', 'resource']),
  ];
}

function index(dialect: StoreDialect, of: string, name: string, columns: string[]): Compilable {
  return dialect.db.schema.createIndex(`${of}_${name}`).on(of).columns(columns);
}
