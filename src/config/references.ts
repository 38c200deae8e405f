// What parts of the configuration say about each other: needs, images in manifests, and that nothing goes in a circle.
import type { Config, ImageSpec, ResourceSpec } from '../model/config.ts';
import type { Path } from './document.ts';
import { hintFor } from './nearest.ts';
import type { Report } from './report.ts';

type Specs = Readonly<Record<string, ResourceSpec>>;

/** `isComplete` false: what manifests could not be read may hold what seems to be missing. */
export function checkReferences(specs: Specs, images: Config['images'], isComplete: boolean, report: Report): void {
  const names = Object.keys(specs);
  for (const { name, needs } of Object.values(specs))
    for (const [i, need] of needs.entries())
      if (!Object.hasOwn(specs, need.name) && isComplete && !report.has(['local', need.name]))
        report.add(
          'S107',
          needPath(name, i),
          `${name} needs ${need.name}, which is no resource`,
          hintFor(
            need.name,
            names.filter((each) => each !== name),
            'there are',
          ),
        );
  cycles(
    names,
    (name) => specs[name]?.needs.map((need) => need.name) ?? [],
    (circle) => {
      const [first = '', second = ''] = circle;
      const index = specs[first]?.needs.findIndex((need) => need.name === second) ?? 0;
      report.add(
        'S108',
        needPath(first, index),
        `resources need each other: ${circle.join(' → ')}`,
        'remove one of these needs',
      );
    },
  );
  cycles(
    Object.keys(images),
    (ref) => images[ref]?.bases ?? [],
    (circle) =>
      report.add(
        'S108',
        ['images', circle[0] ?? ''],
        `images are built from each other: ${circle.join(' → ')}`,
        'remove one of these FROM lines',
        'key',
      ),
  );
  if (isComplete) unusedImages(specs, images, report);
}

const needPath = (name: string, index: number): Path => ['resources', name, 'needs', index];

function unusedImages(specs: Specs, images: Config['images'], report: Report): void {
  const used = new Set(Object.values(specs).flatMap((spec) => (spec.kind === 'kubernetes' ? spec.images : [])));
  const isBase = (ref: string): boolean => Object.values(images).some((image: ImageSpec) => image.bases.includes(ref));
  for (const ref of Object.keys(images)) {
    if (used.has(ref) || isBase(ref) || report.has(['images', ref])) continue;
    report.add(
      'S111',
      ['images', ref],
      `the image ${ref} is in no manifest`,
      'write it as it stands in the manifests, or remove it',
      'key',
    );
  }
}

/** Each circle once, from where it was entered back to there. */
function cycles(
  names: readonly string[],
  next: (name: string) => readonly string[],
  tell: (circle: readonly string[]) => void,
): void {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    const start = path.indexOf(name);
    if (start >= 0) tell([...path.slice(start), name]);
    if (start >= 0 || done.has(name)) return;
    for (const each of next(name)) visit(each, [...path, name]);
    done.add(name);
  };
  for (const name of names) visit(name, []);
}
