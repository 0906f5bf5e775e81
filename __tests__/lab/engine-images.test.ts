import { describe, expect, it } from 'vitest';
import { engineImages } from '../../lab/engine-images.ts';
import { articleLab, athens, hurup } from '../constructs/article-lab.ts';

describe('images that Docker itself needs', () => {
  const [node, ...preloaded] = engineImages(articleLab());

  it('GIVEN two regions of one node image THEN each once, with what is put on nodes', () => {
    const lab = articleLab();
    expect(node).toBe(lab.regions[0]?.nodeImage);
    expect(preloaded).toEqual(lab.regions[0]?.preload.images.map(({ reference }) => reference));
  });

  it('GIVEN several control planes THEN what kind puts before them', () => {
    const planes = articleLab({ regions: [athens({ controlPlanes: 3 }), hurup()] });
    expect(engineImages(planes)).toContain('kindest/haproxy:v20230606-42a2262b');
    expect(engineImages(articleLab())).not.toContain('kindest/haproxy:v20230606-42a2262b');
  });

  it('GIVEN caches THEN their image', () => {
    const cacheImage = 'registry:3.0.0';
    expect(engineImages(articleLab({ imagesBy: 'cache', cacheImage }))).toContain(cacheImage);
    expect(engineImages(articleLab({ cacheImage }))).not.toContain(cacheImage);
  });
});
