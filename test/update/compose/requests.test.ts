// What Docker is asked for, where Compose's own request has a rule that the file does not show.
import { describe, expect, it } from 'vitest';
import { composeLabels } from '../../../src/model/compose/names.ts';
import { sharedServices } from '../../../src/model/compose/sharing.ts';
import type { ComposeSpec } from '../../../src/model/config.ts';
import { networkHash, volumeHash } from '../../../src/update/compose/config-hash.ts';
import { capabilities } from '../../../src/update/compose/container/capabilities.ts';
import { exposedPorts } from '../../../src/update/compose/container/exposed-ports.ts';
import { linksOf } from '../../../src/update/compose/container/links.ts';
import { endpointOf } from '../../../src/update/compose/container/service-networks.ts';
import { hashWith, type Others } from '../../../src/update/compose/container/shared-containers.ts';

const specOf = (config: Partial<ComposeSpec['config']>): ComposeSpec =>
  ({
    service: 'web',
    at: { file: 'compose.yaml', line: 1, column: 1 },
    compose: { name: 'shop' },
    config: { command: null, entrypoint: null, ...config },
    networks: { default: { name: 'shop_default' }, back: { name: 'shop_back' } },
  }) as unknown as ComposeSpec;

const containers = (...names: string[]): Others[string] =>
  names.map((name, at) => ({ id: `id of ${name}`, name, labels: { [composeLabels.number]: String(at + 1) } }));

describe('the ports of a service', () => {
  it.each([
    [['3000'], ['3000/tcp']],
    [['3000/udp'], ['3000/udp']],
    [['4000-4002'], ['4000/tcp', '4001/tcp', '4002/tcp']],
    [['5000-5001/udp'], ['5000/udp', '5001/udp']],
    [['3000-3000'], ['3000/tcp']],
    // Left for the daemon to refuse, and nothing without a bound is made of it.
    [['9-1'], ['9-1/tcp']],
    [['x'], ['x/tcp']],
    [['1-99999999'], expect.objectContaining({ length: 65_535 })],
  ])('%j are exposed one by one', (expose, keys) => {
    expect(Object.keys(exposedPorts({ expose }) ?? {})).toEqual(keys);
  });

  it('that are published are exposed too, and none where there are none', () => {
    expect(exposedPorts({ ports: [{ target: 80 }, { target: 53, protocol: 'udp' }] })).toEqual({
      '80/tcp': {},
      '53/udp': {},
    });
    expect(exposedPorts({})).toBeUndefined();
  });
});

it.each([
  [undefined, undefined],
  [[], undefined],
  [
    ['sys_ptrace', 'NET_ADMIN', 'CAP_NET_ADMIN'],
    ['CAP_NET_ADMIN', 'CAP_SYS_PTRACE'],
  ],
  [['NET_ADMIN', 'all'], ['ALL']],
])('capabilities %j are handed on as %j', (given, expected) => {
  expect(capabilities(given)).toEqual(expected);
});

describe('what a service shares', () => {
  it.each([
    [{ network_mode: 'service:db' }, ['db']],
    [{ network_mode: 'container:db', pid: 'host' }, []],
    [{ pid: 'service:db', ipc: 'service:cache' }, ['cache', 'db']],
    [{ volumes_from: ['db:ro', 'container:other:ro', 'cache'] }, ['cache', 'db']],
  ])('%j is with %j', (config, services) => {
    expect([...sharedServices(config)].sort()).toEqual(services);
  });

  it('is hashed with the ids of the containers, so that it goes with them', () => {
    const spec = specOf({ network_mode: 'service:db', volumes_from: ['db:ro'] });
    const now = hashWith(spec, { db: containers('shop-db-1') });
    expect(hashWith(spec, { db: containers('shop-db-1', 'shop-db-2') })).toBe(now);
    expect(hashWith(spec, { db: containers('another') })).not.toBe(now);
    expect(
      hashWith(specOf({ network_mode: 'container:id of shop-db-1', volumes_from: ['container:id of shop-db-1'] }), {}),
    ).toBe(now);
    expect(() => hashWith(spec, { toString: [] })).toThrow('the service db, which it shares something with');
  });
});

describe('a container in a network', () => {
  const recipe = (config: Partial<ComposeSpec['config']>, more = {}) => ({
    spec: specOf({ networks: { default: null, back: { aliases: ['alias'], priority: 1 } }, ...config }),
    name: 'shop-web-1',
    others: {},
    ...more,
  });

  it('is found by its name, its service and its aliases', () => {
    expect(endpointOf('back', recipe({}))).toEqual({ Aliases: ['shop-web-1', 'web', 'alias'] });
  });

  it('that is a one-off is found by its own name alone: what is meant for the service is not for it', () => {
    expect(endpointOf('back', recipe({}, { isOneOff: true, name: 'shop-web-run-1' }))).toEqual({
      Aliases: ['shop-web-run-1'],
    });
  });

  it('has the address of its service in the first network alone', () => {
    const addressed = recipe({ mac_address: '02:42:ac:11:00:99' });
    expect(endpointOf('back', addressed)).toMatchObject({ MacAddress: '02:42:ac:11:00:99' });
    expect(endpointOf('default', addressed)).not.toHaveProperty('MacAddress');
  });

  it('finds linked ones by the alias and by both forms of their names', () => {
    const spec = specOf({ links: ['db:d', 'cache'], external_links: ['legacy:old', 'plain'] });
    const others = { db: containers('own-name'), cache: containers('shop-cache-1', 'shop-cache-2') };
    expect(linksOf(spec, others)).toEqual([
      'own-name:d',
      'own-name:db-1',
      'own-name:shop-db-1',
      'shop-cache-1:cache',
      'shop-cache-1:cache-1',
      'shop-cache-1:shop-cache-1',
      'shop-cache-2:cache',
      'shop-cache-2:cache-2',
      'shop-cache-2:shop-cache-2',
      'legacy:old',
      'plain:plain',
    ]);
  });
});

// As `docker compose` labels them.
describe('the hash of what a project declares', () => {
  it.each([
    [{ name: 'tea-hashes_default', ipam: {} }, 'f6c1ee808129be133ccb50fe51820071fdb349ee90f5d38fb150f101045c94c5'],
    [
      { labels: { 9: '<nine> & more', 10: 'ten' }, enable_ipv6: false, name: 'tea-hashes_front' },
      '113299d8a86ed8c13d8c531ea02bab47485b9638e0c27ba7b550a159a780771f',
    ],
    [
      {
        attachable: true,
        internal: true,
        name: 'tea-hashes_back',
        driver_opts: { 'com.docker.network.bridge.name': 'br-tea0' },
        driver: 'bridge',
        ipam: {
          config: [
            {
              aux_addresses: { h: '10.211.9.5' },
              gateway: '10.211.9.1',
              subnet: '10.211.9.0/24',
              ip_range: '10.211.9.128/25',
            },
          ],
          driver: 'default',
        },
      },
      '485d358ad5719cb6a998f89cb99248adc6b9f26871a9282f56499055cab400d9',
    ],
  ])('of the network %j is %s', (network, hash) => {
    expect(networkHash(network)).toBe(hash);
  });

  it.each([
    [
      { name: 'tea-hashes_named', labels: { x: 'y' } },
      'cbb69f00ebaa25e8efd2325b468dba8909fa6a0564f2c541bd537ddd2d5296c4',
    ],
    [
      {
        driver_opts: { type: 'tmpfs', o: 'size=1m', device: 'tmpfs' },
        driver: 'local',
        name: 'tea-hashes_small',
      },
      '01d525b46ba6cdb2270b01a085143ae432d1c4347f27fcd30e2c0d8ab7636cbe',
    ],
  ])('of the volume %j is %s', (volume, hash) => {
    expect(volumeHash(volume)).toBe(hash);
  });
});
