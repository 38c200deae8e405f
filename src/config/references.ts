// What parts of the configuration say about each other: needs, images in manifests, and that nothing goes in a circle.
import type { Config, ImageSpec, ResourceSpec } from '../model/config.ts';
import type { SourcePos } from '../model/problems/problem.ts';
import { lookup } from '../model/text/lookup.ts';
import { hintFor } from '../model/text/nearest.ts';
import { type CircleStep, circles, stepsText } from './circles.ts';
import type { Report } from './report.ts';
import type { Path } from './yaml/document.ts';

type Specs = Readonly<Record<string, ResourceSpec>>;

/** Where it is said that one resource needs another, in whichever file; places are told as seen from `dir`. */
export interface SaidNeeds {
  readonly placeOf: (name: string, other: string) => SourcePos;
  readonly dir: string;
}

/** `isComplete` false: what manifests could not be read may hold what seems to be missing. */
export function checkReferences(
  specs: Specs,
  images: Config['images'],
  isComplete: boolean,
  said: SaidNeeds,
  report: Report,
): void {
  if (isComplete) unknownNeeds(specs, report);
  needCircles(specs, said, report);
  const basesOf = (ref: string): readonly string[] => lookup(images, ref)?.bases ?? [];
  circles(Object.keys(images), basesOf, (circle) => {
    const isAlone = circle.length === 2;
    const what = isAlone
      ? `${circle[0]} is built from itself`
      : `images are built from each other: ${circle.join(' → ')}`;
    report.add('S108', ['images', circle[0] ?? ''], what, 'remove one of these FROM lines', 'key');
  });
  if (isComplete) unusedImages(specs, images, report);
}

const uncategorized = 'uncategorized';

/** Its needs, and what everything in the cluster stands on: the objects that belong to no workload. */
const needsIn = (specs: Specs, name: string): readonly string[] => {
  const spec = lookup(specs, name);
  const named = spec?.needs.map((need) => need.name) ?? [];
  const isOnTop = spec?.kind === 'kubernetes' && name !== uncategorized && Object.hasOwn(specs, uncategorized);
  return isOnTop && !named.includes(uncategorized) ? [...named, uncategorized] : named;
};

function needCircles(specs: Specs, { placeOf, dir }: SaidNeeds, report: Report): void {
  circles(
    Object.keys(specs),
    (name) => needsIn(specs, name),
    (circle) => {
      const [first = '', second = ''] = circle;
      const isAlone = circle.length === 2;
      const steps = circle.slice(1).map((other, i): CircleStep => {
        const name = circle[i] ?? '';
        const isSaid = lookup(specs, name)?.needs.some((need) => need.name === other) ?? false;
        return { says: isSaid ? `${name} needs ${other}` : `${name} follows ${other}`, at: placeOf(name, other) };
      });
      report.put({
        kind: 'yours',
        code: 'S108',
        what: isAlone ? `${first} needs itself` : `resources need each other: ${circle.join(' → ')}`,
        hint: isAlone ? 'take it out' : stepsText(steps, dir),
        at: placeOf(first, second),
      });
    },
  );
}

function unknownNeeds(specs: Specs, report: Report): void {
  for (const { name, needs } of Object.values(specs))
    for (const [i, need] of needs.entries()) {
      if (Object.hasOwn(specs, need.name) || report.has(['local', need.name])) continue;
      const others = Object.keys(specs).filter((each) => each !== name);
      const what = `${name} needs ${need.name}, which is no resource`;
      report.add('S107', needPath(name, i), what, hintFor(need.name, others, 'there are'));
    }
}

const needPath = (name: string, index: number): Path => ['resources', name, 'needs', index];

function unusedImages(specs: Specs, images: Config['images'], report: Report): void {
  const used = new Set(Object.values(specs).flatMap((spec) => (spec.kind === 'local' ? [] : spec.images)));
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
