// What would change in the cluster, as `kubectl diff` shows it: the live object and what the dry run of an apply gives,
// without what the cluster keeps for itself and what marks objects as ours. Values of Secrets are masked.
import { stringify } from 'yaml';
import { asKubectl } from '../../config/yaml/kubectl.ts';
import type { KubeObject } from '../../model/config.ts';
import { limits } from '../../model/limits.ts';
import { isRecord, record } from '../../model/manifests/workload.ts';
import { lineDiff } from '../../model/text/line-diff.ts';
import type { Preview } from '../../update/deploy/preview.ts';

/** '' where nothing changes. `scrub` takes secret values out of everything else. */
export function objectDiff({ ref, does, before, after }: Preview, scrub: (text: string) => string): string {
  if (does === 'keep' || does === 'refused' || after === null) return '';
  const name = `${ref.kind.toLowerCase()}/${ref.name}${ref.namespace ? ` in ${ref.namespace}` : ''}`;
  const [live, planned] = masked(before && shown(before), shown(after));
  const lines = lineDiff(live ? scrub(asYaml(live)) : '', scrub(asYaml(planned))).split('\n');
  const kept = lines.slice(0, limits.diffLines);
  const more = lines.length > kept.length ? [`… ${lines.length - kept.length} more lines`, ''] : [];
  const text = [...kept, ...more].join('\n');
  return text === '' ? '' : `--- ${before ? name : '/dev/null'}\n+++ ${name}${titles[does] ?? ''}\n${text}`;
}

const titles: Readonly<Partial<Record<Preview['does'], string>>> = {
  remake: ' (deleted and made anew)',
  unknown: ' (as it is sent: its kind or namespace is not there yet)',
};

const asYaml = (object: KubeObject): string =>
  stringify(object, { ...asKubectl(), lineWidth: 0, aliasDuplicateObjects: false, sortMapEntries: true });

const bookkeeping = ['managedFields', 'uid', 'resourceVersion', 'generation', 'creationTimestamp', 'selfLink'];
const marks =
  /^(sluice-(project|resource|runid|template)|sluice\.dev\/.*|kubectl\.kubernetes\.io\/last-applied-configuration)$/;

function shown(object: KubeObject): KubeObject {
  const { status: _, metadata, ...rest } = object as KubeObject & { readonly status?: unknown };
  const kept = Object.entries(metadata).filter(([field]) => !bookkeeping.includes(field));
  return withoutMarks({ ...rest, metadata: Object.fromEntries(kept) }) as KubeObject;
}

/** Of the object and of the pods that it makes. */
function withoutMarks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMarks);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).flatMap(([key, inside]): [string, unknown][] => {
    if ((key !== 'labels' && key !== 'annotations') || !isRecord(inside)) return [[key, withoutMarks(inside)]];
    const kept = Object.entries(inside).filter(([name]) => !marks.test(name));
    return kept.length > 0 || Object.keys(inside).length === 0 ? [[key, Object.fromEntries(kept)]] : [];
  });
  return Object.fromEntries(entries);
}

/** As kubectl masks them: that a value changes is seen, and no value. */
function masked(before: KubeObject | null, after: KubeObject): readonly [KubeObject | null, KubeObject] {
  if (after.kind !== 'Secret') return [before, after];
  const mask = (object: KubeObject, other: KubeObject | null, side: string): KubeObject => {
    const hidden = ['data', 'stringData'].flatMap((key) => {
      const [own, others] = [record(object[key]), record(other?.[key])];
      const values = Object.entries(own).map(([name, value]) => {
        const isSame = other === null || !Object.hasOwn(others, name) || others[name] === value;
        return [name, isSame ? '***' : `*** (${side})`] as const;
      });
      return values.length > 0 ? [[key, Object.fromEntries(values)] as const] : [];
    });
    const { data: _, stringData: __, ...rest } = object;
    return { ...rest, ...Object.fromEntries(hidden) } as KubeObject;
  };
  return [before && mask(before, after, 'before'), mask(after, before, 'after')];
}
