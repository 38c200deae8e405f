// The manifests as they would be applied, images and labels aside, as YAML that kubectl reads. No Secret's value is in it.
import { stringify } from 'yaml';
import { asKubectl } from '../../config/yaml/kubectl.ts';
import type { ComposeSpec, Config, KubeObject } from '../../model/config.ts';
import { kindOrder } from '../../model/manifests.ts';
import { lookup } from '../../model/text/lookup.ts';

/** Of these resources in this order; `scrub` takes secret values out of everything else. */
export function manifestsText(config: Config, names: readonly string[], scrub: (text: string) => string): string {
  const objects = names
    .flatMap((name) => {
      const spec = lookup(config.resources, name);
      return spec?.kind === 'kubernetes'
        ? kindOrder(spec.objects.map(({ object }) => object)).map((object) => ({ name, object }))
        : [];
    })
    .map(({ name, object }) => `---\n# resource: ${name}\n${scrub(asYaml(redacted(object)))}`);
  return [...objects, ...composeProjects(config, names).map((project) => `---\n${scrub(asYaml(project))}`)].join('');
}

/** As `docker compose config` prints it: the services asked for, and what they use. */
function composeProjects(config: Config, names: readonly string[]): readonly object[] {
  const specs = names.flatMap((name) => lookup(config.resources, name) ?? []).filter(({ kind }) => kind === 'compose');
  const all = specs as readonly ComposeSpec[];
  const projects = [...new Set(all.map(({ compose }) => compose.name))];
  return projects.map((name) => {
    const own = all.filter(({ compose }) => compose.name === name);
    const used = (part: 'networks' | 'volumes' | 'secrets' | 'configs') => {
      const values = Object.assign({}, ...own.map((spec) => spec[part]));
      return Object.keys(values).length > 0 ? { [part]: values } : {};
    };
    const services = Object.fromEntries(own.map((spec) => [spec.service, spec.config]));
    return { name, services, ...used('networks'), ...used('volumes'), ...used('secrets'), ...used('configs') };
  });
}

/** Text that kubectl would read as something else, such as a bare `on`, is quoted. Long values stay on one line. */
const asYaml = (object: object): string =>
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
