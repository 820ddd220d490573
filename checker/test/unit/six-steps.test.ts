// The description is proved on all six steps at once, for both ways of running a stack.

import { describe, expect, test } from 'vitest';
import type { StackDescription } from '../../src/stack/description.ts';
import { linksOf, resolveText } from '../../src/stack/resolve.ts';
import { environments, here, onDocker, type Place } from './addressings.ts';
import {
  appPassword,
  databasePassword,
  sixSteps,
  step1,
  step1OverTcp,
  step2,
  step3,
  step4,
  step4WithHaproxy,
  step4WithNginx,
  step5,
  step6,
} from './six-steps.ts';

const apis = ['api-1', 'api-2', 'api-3'];
const edges = ['edge-us', 'edge-eu', 'edge-ap'];

/** Both ways, each with what a stack's services are told there. */
function bothWays(stack: StackDescription): { way: string; place: Place; env: Record<string, Record<string, string>> }[] {
  return [
    { way: 'here', place: here() },
    { way: 'on Docker', place: onDocker(stack) },
  ].map(({ way, place }) => ({ way, place, env: environments(stack, place) }));
}

function links(stack: StackDescription): string[] {
  return linksOf(stack).map(({ consumer, provider }) => `${consumer} → ${provider.machine}/${provider.service}`).sort();
}

function each(consumers: readonly string[], ...providers: string[]): string[] {
  return consumers.flatMap((consumer) => providers.map((provider) => `${consumer} → ${provider}`));
}

describe.each(Object.entries(sixSteps))('%s', (_name, stack) => {
  test('leaves no reference unresolved, here or on Docker', () => {
    for (const { env } of bothWays(stack)) expect(JSON.stringify(env)).not.toMatch(/[⟦⟧]|undefined|null|NaN|\[object/);
  });

  test('gives no address that a program could not parse', () => {
    for (const { env } of bothWays(stack)) {
      const texts = Object.values(env).flatMap((one) => Object.values(one)).flatMap((text) => text.split(','));
      for (const text of texts.filter((one) => one.includes('://'))) {
        expect(new URL(text).hostname).not.toBe('');
        expect(Number(new URL(text).port)).toBeGreaterThan(0);
      }
    }
  });

  test('is plain data: nothing is lost on the way through JSON', () => {
    expect(JSON.parse(JSON.stringify(stack))).toEqual(stack);
  });

  test('shows people other addresses on Docker than machines use among each other', () => {
    const place = onDocker(stack);
    for (const { name, services } of stack.machines) {
      const front = services.find(({ kind }) => ['node', 'nginx', 'program'].includes(kind));
      if (!front) continue;
      expect(resolveText(stack, 'anyone', `⟦public ${name}⟧`, place)).toMatch(/^http:\/\/localhost:80\d\d$/);
      expect(resolveText(stack, 'anyone', `⟦${name}/${front.name}.url⟧`, place)).toMatch(new RegExp(`^http://${name}:\\d+$`));
    }
  });

  test('has one wire for each pair, and never one within a machine', () => {
    const all = links(stack);
    expect(new Set(all).size).toBe(all.length);
    expect(linksOf(stack).filter(({ consumer, provider }) => consumer === provider.machine)).toEqual([]);
  });
});

describe('step 1', () => {
  test('has one machine with a database and an app, and no wire', () => {
    expect(step1.machines.map(({ name, services }) => [name, services.map(({ kind }) => kind)])).toEqual([['server', ['postgres', 'node']]]);
    expect(step1.entrances).toEqual({ web: 'server', api: 'server' });
    expect(links(step1)).toEqual([]);
    expect(links(step1OverTcp)).toEqual([]);
  });

  test('reaches its database directly when it does so over TCP', () => {
    for (const { place, env } of bothWays(step1OverTcp)) {
      expect(env['server/node']).toEqual({
        DATABASE_URL: `postgres://graminsta:graminsta@${place.address('server', 'server/postgres')}/graminsta`,
        PUBLIC_URL: place.publicUrl('server'),
      });
    }
  });
});

describe('step 2', () => {
  test('tells the app the parts of an address and the whole of it', () => {
    for (const { place, env } of bothWays(step2)) {
      const address = place.address('server', 'db/postgres');
      expect(env).toEqual({
        'db/postgres': {},
        'server/node': {
          DATABASE_URL: `postgres://graminsta_app:${appPassword}@${address}/graminsta`,
          MIGRATION_DATABASE_URL: `postgres://graminsta:graminsta@${address}/graminsta`,
        },
      });
    }
    expect(links(step2)).toEqual(['server → db/postgres']);
  });
});

describe('step 3', () => {
  test('tells page and API of each other by public addresses only', () => {
    for (const { place, env } of bothWays(step3)) {
      expect(env['client/node']).toEqual({ API_URL: place.publicUrl('api') });
      expect(env['api/node']).toEqual({
        DATABASE_URL: `postgres://graminsta:graminsta@${place.address('api', 'db/postgres')}/graminsta`,
        WEB_ORIGIN: place.publicUrl('client'),
        POOL_MAX: '10',
      });
    }
    expect(links(step3)).toEqual(['api → db/postgres']);
  });
});

describe('step 4', () => {
  test('gives the balancer all APIs in one list', () => {
    for (const { place, env } of bothWays(step4)) {
      expect(env['lb/node']).toEqual({ UPSTREAMS: apis.map((api) => `http://${place.address('lb', `${api}/node`)}`).join(',') });
      expect(env['client/node']).toEqual({ API_URL: place.publicUrl('lb') });
    }
    expect(environments(step4, onDocker(step4))['lb/node']).toEqual({ UPSTREAMS: 'http://api-1:3000,http://api-2:3000,http://api-3:3000' });
  });

  test('lets balancer and APIs know each other', () => {
    expect(links(step4)).toEqual([...each(apis, 'db/postgres', 'lb/node'), ...each(['lb'], 'api-1/node', 'api-2/node', 'api-3/node')].sort());
    expect(environments(step4, onDocker(step4))['api-2/node']).toMatchObject({ TRUSTED_PROXY: 'lb' });
    expect(environments(step4, here())['api-2/node']).toMatchObject({ TRUSTED_PROXY: '127.0.0.1' });
  });

  test('gives each API a wire of its own to the database here, and all the same address on Docker', () => {
    const addresses = (place: Place): (string | undefined)[] => apis.map((api) => environments(step4, place)[`${api}/node`]?.['DATABASE_URL']);
    expect(new Set(addresses(here())).size).toBe(3);
    expect(new Set(addresses(onDocker(step4)))).toEqual(new Set(['postgres://graminsta:graminsta@db:5432/graminsta']));
  });

  test('makes every machine of a group of the size that the group has', () => {
    expect(step4.machines.filter(({ size }) => size === 0.1).map(({ name }) => name)).toEqual(apis);
  });

  test('can have nginx as balancer, and nginx on each machine of a group', () => {
    for (const { place, env } of bothWays(step4WithNginx)) {
      const servers = (consumer: string, providers: string[]): string =>
        providers.map((provider) => `server ${place.address(consumer, provider)};`).join(' ');
      expect(env['lb/nginx']).toEqual({ UPSTREAMS: servers('lb', apis.map((api) => `${api}/node`)), BODY_LIMIT: '6m' });
      expect(env['page/nginx']).toEqual({ UPSTREAMS: servers('page', ['client-1/nginx', 'client-2/nginx']) });
      expect(env['client-2/nginx']).toEqual({ API_URL: place.publicUrl('lb') });
    }
    expect(links(step4WithNginx)).toEqual(
      [
        ...each(apis, 'db/postgres'),
        ...each(['lb'], 'api-1/node', 'api-2/node', 'api-3/node'),
        ...each(['page'], 'client-1/nginx', 'client-2/nginx'),
      ].sort(),
    );
    expect(environments(step4WithNginx, onDocker(step4WithNginx))['lb/nginx']).toMatchObject({
      UPSTREAMS: 'server api-1:3000; server api-2:3000; server api-3:3000;',
    });
  });

  test('can have any program as balancer, and a disk that all APIs mount', () => {
    for (const { place, env } of bothWays(step4WithHaproxy)) {
      expect(env['lb/program']).toEqual({
        SERVERS: apis.map((api) => `server ${api} ${place.address('lb', `${api}/node`)} check`).join('\n'),
      });
    }
    expect(step4WithHaproxy.machines.find(({ name }) => name === 'lb')?.services).toMatchObject([
      { kind: 'program', command: ['haproxy', '-f', '{config}'], template: 'haproxy.cfg' },
    ]);
    expect(step4WithHaproxy.volumes).toEqual(['images']);
    const images = (place: Place): (string | undefined)[] => apis.map((api) => environments(step4WithHaproxy, place)[`${api}/node`]?.['IMAGES']);
    expect(new Set(images(onDocker(step4WithHaproxy)))).toEqual(new Set(['/volumes/images/photos']));
    expect(new Set(images(here()))).toEqual(new Set(['/dev/shm/stack/volume-images/photos']));
  });
});

describe('step 5', () => {
  test('has an entrance for each region, and one for all', () => {
    expect(step5.entrances).toEqual({ web: { us: 'edge-us', eu: 'edge-eu', ap: 'edge-ap' }, api: 'lb' });
    expect(step5.machines.filter(({ name }) => name.startsWith('edge')).map(({ region }) => region)).toEqual(['us', 'eu', 'ap']);
    expect(new Set(step5.machines.filter(({ name }) => !name.startsWith('edge')).map(({ region }) => region))).toEqual(new Set(['us']));
  });

  test('points each edge at the origin by a way of its own', () => {
    for (const { place, env } of bothWays(step5)) {
      for (const edge of edges) {
        expect(env[`${edge}/node`]).toEqual({ ORIGIN: `http://${place.address(edge, 'storage/node')}`, CACHE_BYTES: '67108864' });
      }
    }
    const origins = edges.map((edge) => environments(step5, here())[`${edge}/node`]?.['ORIGIN']);
    expect(new Set(origins).size).toBe(3);
  });

  test('tells storage and APIs all origins of the page, as one list', () => {
    for (const { place, env } of bothWays(step5)) {
      const origins = edges.map((edge) => place.publicUrl(edge)).join(',');
      expect(env['api-3/node']).toMatchObject({
        WEB_ORIGINS: origins,
        STORAGE_URL: `http://${place.address('api-3', 'storage/node')}`,
        STORAGE_PUBLIC_URL: place.publicUrl('storage'),
      });
      expect(env['storage/node']).toMatchObject({
        WEB_ORIGINS: origins,
        API_URL: `http://${place.address('storage', 'lb/node')}`,
        API_PUBLIC_URL: place.publicUrl('lb'),
      });
    }
  });

  test('wires exactly those who know each other, in a circle too', () => {
    expect(links(step5)).toEqual(
      [
        ...each(apis, 'db/postgres', 'lb/node', 'storage/node'),
        ...each(['lb'], 'api-1/node', 'api-2/node', 'api-3/node'),
        ...each(['storage'], 'lb/node'),
        ...each(edges, 'storage/node'),
      ].sort(),
    );
  });
});

describe('step 6', () => {
  test("gives the replica its primary's credentials and an address of its own", () => {
    const login = `gram%20insta:${encodeURIComponent(databasePassword)}`;
    for (const { place, env } of bothWays(step6)) {
      for (const api of apis) {
        expect(env[`${api}/node`]).toMatchObject({
          DATABASE_URL: `postgres://${login}@${place.address(api, 'db/postgres')}/photos`,
          REPLICA_URL: `postgres://${login}@${place.address(api, 'replica/postgres')}/photos`,
          REPLICA_LOGIN: 'gram insta/photos',
          REPLICA_PASSWORD: databasePassword,
          CACHE_URL: `redis://${place.address(api, 'cache/redis')}`,
        });
      }
    }
  });

  test('writes passwords with special characters so that a driver reads them back', () => {
    for (const { env } of bothWays(step6)) {
      const url = new URL(env['api-1/node']?.['DATABASE_URL'] ?? '');
      expect([url.username, url.password, url.pathname].map(decodeURIComponent)).toEqual(['gram insta', databasePassword, '/photos']);
    }
  });

  test('wires the replica to its primary', () => {
    expect(links(step6)).toEqual(
      [
        ...each(apis, 'cache/redis', 'db/postgres', 'replica/postgres', 'storage/node'),
        ...each(['lb'], 'api-1/node', 'api-2/node', 'api-3/node'),
        ...each(['storage'], 'lb/node'),
        ...each(edges, 'storage/node'),
        ...each(['replica'], 'db/postgres'),
      ].sort(),
    );
  });
});
