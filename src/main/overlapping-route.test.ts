import assert from 'node:assert/strict';
import { test } from 'node:test';
import { overlappingRoute } from './overlapping-route.ts';

const ROUTES = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
tun0\t0000720A\t00000000\t0001\t0\t0\t0\t00F0FFFF\t0\t0\t0
`;

test('a route that shares addresses with the block is named with its device', () => {
  assert.equal(overlappingRoute(ROUTES, '192.0.2.128/25'), '192.0.2.0/24 (eth0)');
  assert.equal(overlappingRoute(ROUTES, '10.0.0.0/8'), '10.114.0.0/20 (tun0)');
  assert.equal(overlappingRoute(ROUTES, '10.114.15.0/24'), '10.114.0.0/20 (tun0)');
});

test('neither the default route nor a block beside a route is in the way', () => {
  assert.equal(overlappingRoute(ROUTES, '10.114.16.0/24'), undefined);
  assert.equal(overlappingRoute('', '10.114.0.0/20'), undefined);
});
