// The manifests as they would be applied, images and labels aside, as YAML that kubectl reads. No Secret's value is in it.
import { stringify } from 'yaml';
import { asKubectl } from '../../config/kubectl-yaml.ts';
import type { Config, KubeObject } from '../../model/config.ts';
import { lookup } from '../../model/lookup.ts';
import { kindOrder } from '../../model/manifests.ts';

/** Of these resources in this order; `scrub` takes secret values out of everything else. */
export function manifestsText(config: Config, names: readonly string[], scrub: (text: string) => string): string {
  return names
    .flatMap((name) => {
      const spec = lookup(config.resources, name);
      return spec?.kind === 'kubernetes'
        ? kindOrder(spec.objects.map(({ object }) => object)).map((object) => ({ name, object }))
        : [];
    })
    .map(({ name, object }) => `---\n# resource: ${name}\n${scrub(asYaml(redacted(object)))}`)
    .join('');
}

/** Text that kubectl would read as something else, such as a bare `on`, is quoted. Long values stay on one line. */
const asYaml = (object: KubeObject): string =>
  stringify(object, { ...asKubectl(), lineWidth: 0, aliasDuplicateObjects: false });

/** A Secret with its keys, and none of its values. */
function redacted(object: KubeObject): KubeObject {
  if (object.kind !== 'Secret') return object;
  const { [applied]: _, ...annotations } = object.metadata.annotations ?? {};
  const metadata = object.metadata.annotations ? { ...object.metadata, annotations } : object.metadata;
  const hidden = (values: unknown): Record<string, string> =>
    Object.fromEntries(Object.keys(values ?? {}).map((key) => [key, `[redacted ${metadata.name}:${key}]`]));
  return {
    ...object,
    metadata,
    ...(object.data ? { data: hidden(object.data) } : {}),
    ...(object.stringData ? { stringData: hidden(object.stringData) } : {}),
  };
}

/** kubectl keeps the whole object in here. */
const applied = 'kubectl.kubernetes.io/last-applied-configuration';
