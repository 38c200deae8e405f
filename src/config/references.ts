// What parts of the configuration say about each other: needs, images in manifests, and that nothing goes in a circle.
import type { Config, ImageSpec, ResourceSpec } from '../model/config.ts';
import { lookup } from '../model/lookup.ts';
import { hintFor } from '../model/nearest.ts';
import type { Path } from './document.ts';
import type { Report } from './report.ts';

type Specs = Readonly<Record<string, ResourceSpec>>;

/** `isComplete` false: what manifests could not be read may hold what seems to be missing. */
export function checkReferences(specs: Specs, images: Config['images'], isComplete: boolean, report: Report): void {
  if (isComplete) unknownNeeds(specs, report);
  const needsOf = (name: string): readonly string[] => lookup(specs, name)?.needs.map((need) => need.name) ?? [];
  cycles(Object.keys(specs), needsOf, (circle) => {
    const [first = '', second = ''] = circle;
    const what = circle.length === 2 ? `${first} needs itself` : `resources need each other: ${circle.join(' → ')}`;
    report.add(
      'S108',
      needPath(first, needsOf(first).indexOf(second)),
      what,
      circle.length === 2 ? 'take it out' : 'remove one of these needs',
    );
  });
  const basesOf = (ref: string): readonly string[] => lookup(images, ref)?.bases ?? [];
  cycles(Object.keys(images), basesOf, (circle) => {
    const isAlone = circle.length === 2;
    const what = isAlone
      ? `${circle[0]} is built from itself`
      : `images are built from each other: ${circle.join(' → ')}`;
    report.add('S108', ['images', circle[0] ?? ''], what, 'remove one of these FROM lines', 'key');
  });
  if (isComplete) unusedImages(specs, images, report);
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
