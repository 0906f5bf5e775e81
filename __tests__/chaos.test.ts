import pLimit from 'p-limit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ending, live, machine } from './chaos/live.ts';
import { scenesOf } from './chaos/scene.ts';
import { cloneSite, makeSite, type Site } from './driver/drive.ts';
import { endState } from './driver/world.ts';

/** `npm run test:chaos` runs a thousand; one that went wrong is run again by its number: CHAOS_SEED=1 CHAOS_SCENE=17. */
const runs = Number(process.env.CHAOS_RUNS ?? 6);
const seed = Number(process.env.CHAOS_SEED ?? 1);
const only = process.env.CHAOS_SCENE === undefined ? undefined : Number(process.env.CHAOS_SCENE);
const scenes = scenesOf(seed, Math.max(runs, (only ?? 0) + 1))
  .map((scene, number) => ({ scene, number }))
  .filter(({ number }) => (only === undefined ? number < runs : number === only));

/** Scenes side by side: most of each is waiting. */
const AT_ONCE = 3;

let empty: Site;
let whole: unknown;
beforeAll(async () => {
  empty = await makeSite(undefined, { webhookFailures: 0 });
  const calm = cloneSite(empty, { machine });
  const { exit } = await calm.run('deploy', '--skip-test');
  expect(exit).toBe(0);
  const world = calm.bench.state();
  const { theirs: _, ...networks } = world.networks;
  whole = endState({ ...world, networks });
  calm.dispose();
});
afterAll(() => {
  empty.dispose();
});

/** `31 × with 0, 12 × with 1, 9 × killed` */
function ended(endings: readonly Ending[]): string {
  const firsts = endings.map(({ exits: [exit] }) => (exit === undefined ? 'killed' : `with ${exit}`));
  const kinds = [...new Set(firsts)].toSorted();
  return kinds.map((kind) => `${firsts.filter((each) => each === kind).length} × ${kind}`).join(', ');
}

describe('GIVEN whatever goes wrong in a deploy', () => {
  it(
    `THEN it ends, with the lab whole or a named failure after which another deploy makes it whole (${scenes.length} scenes of seed ${seed})`,
    async () => {
      const limit = pLimit(AT_ONCE);
      let done = 0;
      const endings = await Promise.all(
        scenes.map(({ scene, number }) =>
          limit(async () => {
            const ending = await live(scene, empty, whole);
            done += 1;
            if (ending.wrong.length > 0) console.log(`scene ${number}`, JSON.stringify(ending, undefined, 1));
            if (done % 50 === 0) console.log(`${done} of ${scenes.length}`);
            return { number, ...ending };
          }),
        ),
      );
      console.log(`${scenes.length} scenes of seed ${seed}; the first deploy ended ${ended(endings)}`);
      expect(endings.filter(({ wrong }) => wrong.length > 0).map(({ number, wrong }) => ({ number, wrong }))).toEqual(
        [],
      );
    },
    6 * 3_600_000,
  );
});
