import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { engineImages } from '../../lab/engine-images.ts';
import { publicUrl } from '../../lab/public-url.ts';
import { downloadsOf } from '../../lab/published.ts';
import { UserError } from '../events/errors.ts';
import type { Reporter } from '../events/events.ts';
import { type Bundle, BundleError, unpackBundle } from '../supply/bundle.ts';
import { publishedAt, publishedPrograms } from '../supply/published.ts';
import { nameHere } from '../observe/images.ts';
import { info } from '../tools/docker.ts';
import { parseInfo } from '../tools/docker-info.ts';
import { platformOf } from '../tools/toolchain.ts';
import { bundleEvent, checkCached } from './bundle.ts';
import type { Session } from './session.ts';

/** @throws UserError where there is no such file, or where images of the lab come another way */
export function checkBundle(session: Session, named: string, cwd: string): void {
  checkCached(session, '--bundle');
  const there = named === '' ? undefined : statSync(resolve(cwd, named), { throwIfNoEntry: false });
  if (there?.isFile() === true) return;
  const why = there === undefined ? 'there is no such file' : 'it is no file';
  throw new UserError(`--bundle ${named}: ${why}. Name what npm run bundle -- FILE wrote.`);
}

/**
 * The bundle that `--bundle` names, unpacked and held against its sums. From here on what the lab needs of the web comes out of it.
 * @throws UserError where it is damaged, or of another platform, or of another lab: all that it lacks, and this machine too
 */
export async function takeBundle(session: Session, named: string, cwd: string, reporter: Reporter): Promise<Bundle> {
  const { paths, runner, queries, supply } = session;
  const file = resolve(cwd, named);
  const shown = paths.show(file);
  let bundle: Bundle;
  try {
    bundle = await unpackBundle(file, paths.bundle, runner.signal);
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
    const remedy = 'copy it here once more, or write it anew where the network is: npm run bundle -- FILE';
    throw UserError.refusing([{ cause: `${shown}: ${error.message}`, remedy }]);
  }
  const { platform } = await queries.read(info(), parseInfo);
  const remedy = `write it for this lab, on a machine of that kind: npm run bundle -- ${basename(file)}`;
  if (platform !== bundle.list.platform)
    throw UserError.refusing([
      { cause: `${shown} has images for ${bundle.list.platform}, and Docker wants ${platform}`, remedy },
    ]);
  const missing = await lacking(session, bundle);
  if (missing.length > 0)
    throw UserError.refusing([
      { cause: `${shown}, made for ${bundle.list.lab}, lacks what this lab needs: ${missing.join(', ')}`, remedy },
    ]);
  supply.takeFrom(bundle);
  reporter.report(bundleEvent('checked', file, bundle.list, statSync(file).size));
  return bundle;
}

/** What is neither in it nor on this machine: programs, files, images for Docker. */
async function lacking({ lab, programs, sources, queries }: Session, bundle: Bundle): Promise<string[]> {
  const { missing } = await programs.lookFor(publishedPrograms);
  const toCome = missing.flatMap(({ program, version = '' }) => {
    const [published] = publishedPrograms.filter((each) => each === program);
    if (published === undefined) return [];
    const { url } = publishedAt(published, version, platformOf(process.platform, process.arch));
    return bundle.fileOf(url) === undefined ? [url] : [];
  });
  const files = await Promise.all(
    downloadsOf(lab.sources).map(async (source) => {
      const isHere = bundle.fileOf(source.url) !== undefined || (await sources.found(source)) !== undefined;
      return isHere ? [] : [publicUrl(source.url)];
    }),
  );
  const images = await Promise.all(
    engineImages(lab).map(async (image) => {
      const isHad = bundle.archiveOf(image) !== undefined || (await nameHere(queries, image)) !== undefined;
      return isHad ? [] : [image];
    }),
  );
  return [...toCome, ...files.flat(), ...images.flat()];
}
