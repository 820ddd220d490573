import { load } from 'cheerio';
import { expect, test } from 'vitest';
import { User } from '../../src/check/user.ts';
import { pictures } from '../../src/check/picture.ts';
import { listeningAddresses } from '../family.ts';
import { workshops, type RunningCommand } from '../workshop.ts';
import { expectNothingOfOurs, expectPlain, expectWords } from './expectations.ts';

// One after the other: each gets the ports that `up` prefers for its step.
const inWorkshop = workshops(1);

async function addressOf(command: RunningCommand): Promise<string> {
  await command.says('Ctrl-C stops it.');
  return /^ +web +(http:\S+)$/m.exec(command.output)?.[1] ?? '';
}

async function imagesOn(visitor: User): Promise<string[]> {
  const page = load((await visitor.opens('/')).body.toString('utf8'));
  return page('img').map((_index, image) => page(image).attr('src')).get();
}

test.concurrent('up serves the app with a dozen photos on this computer alone, and what people do lasts', async () => {
  await inWorkshop(['solution'], async (workshop) => {
    const first = workshop.start(['up', '01']);
    const base = await addressOf(first);
    const ada = new User('ada', { base });
    const images = await imagesOn(ada);
    expect(new Set(images).size).toBe(12);
    for (const image of images) expect((await ada.image(image)).headers['content-type']).toBe('image/webp');
    expect((await ada.signsUp()).status).toBe(201);
    expect((await ada.uploads(pictures.png, { caption: 'Mine' })).status).toBe(201);
    expect(new Set(listeningAddresses(first.family.alive()))).toEqual(new Set(['0100007F']));
    ada.client.close();

    first.interrupt();
    const result = await first.ended;
    expectWords(result, 'Stopping the machines.');
    expect(result.code).toBe(0);
    expectNothingOfOurs(result);
    expectPlain(result);
    expect(await first.leftBehind(0)).toEqual([]);

    const second = workshop.start(['up', '01']);
    expect(await addressOf(second)).toBe(base);
    expect((await ada.logsIn()).ok).toBe(true);
    expect(await imagesOn(ada)).toHaveLength(13);
    ada.client.close();
    second.signal('SIGINT');
    expect((await second.ended).code).toBe(0);
    expect(await second.leftBehind(0)).toEqual([]);
  });
});

test.concurrent('up tells of a mistake in the app by its own places, and leaves nothing running', async () => {
  await inWorkshop(['solution', 'bad-input/throw-in-app'], async (workshop) => {
    const command = workshop.start(['up', '01']);
    const result = await command.ended;
    expectWords(result, 'src/server.ts on server was started, and it ended with exit code 1', 'The photo shop is closed.', 'at openTheShop (src/health.ts:7:9)');
    expect(result.code).toBe(1);
    expectNothingOfOurs(result);
    expectPlain(result);
    expect(await command.leftBehind(0)).toEqual([]);
  });
});

test.concurrent('up says which line of the sources cannot be read', async () => {
  await inWorkshop(['solution', 'bad-input/syntax-error-in-app'], async (workshop) => {
    const result = await workshop.run(['up', '01']);
    expectWords(result, 'src/health.ts:6: Expected "}" but found ")"');
    expect(result.code).toBe(1);
    expectNothingOfOurs(result);
    expectPlain(result);
  });
});

test.concurrent('up ends when it is killed, with all its machines', async () => {
  await inWorkshop(['solution'], async (workshop) => {
    const command = workshop.start(['up', '01']);
    await command.says('Ctrl-C stops it.');
    command.kill();
    expect(await command.leftBehind(2_000)).toEqual([]);

    const next = workshop.start(['up', '01']);
    const visitor = new User('visitor', { base: await addressOf(next) });
    expect(await imagesOn(visitor)).toHaveLength(12);
    visitor.client.close();
    next.interrupt();
    expect((await next.ended).code).toBe(0);
  });
});
