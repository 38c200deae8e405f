// Volumes, binds, tmpfs and images of a service, and the files of its secrets and configs, as the Engine API mounts them.
import type { ComposeMount, ComposeVolume } from '../../../model/compose.ts';
import type { ComposeSpec } from '../../../model/config.ts';
import type { EngineContainer, EngineRequest } from '../../../model/ports/containers.ts';
import { lookup } from '../../../model/text/lookup.ts';
import { configPlace, secretPlace } from './given-files.ts';
import { numberOf, said } from './units.ts';

export interface Mounts {
  readonly binds: readonly string[];
  readonly mounts: readonly EngineRequest[];
}

/** `before`: the container that this one takes the place of, whose anonymous volumes go on with it. */
export function mountsOf(spec: ComposeSpec, before: EngineContainer | null): Mounts {
  const own = spec.config.volumes ?? [];
  const kept = before === null ? [] : anonymous(before, own);
  const binds = own.flatMap((mount) => bindOf(mount, spec.volumes));
  const mounts = own.flatMap((mount) => {
    if (bindOf(mount, spec.volumes).length > 0) return [];
    const isKept = mount.type === 'volume' && !mount.source && kept.some(({ target }) => target === mount.target);
    return isKept ? [] : [mountOf(mount, spec.volumes)];
  });
  return {
    binds: [...binds, ...kept.map(({ name, target }) => `${name}:${target}`)],
    mounts: [...mounts, ...filesOf(spec)],
  };
}

/** Volumes that Docker named: those of the image, and those that the service gives no source. */
const anonymous = (before: EngineContainer, own: readonly ComposeMount[]): EngineContainer['volumes'] =>
  before.volumes.filter(
    ({ name, target }) => /^[0-9a-f]{64}$/.test(name) && own.every((mount) => mount.target !== target || !mount.source),
  );

/** In the short form, which makes a directory that is not there; none for what only the long form can say. */
function bindOf(mount: ComposeMount, volumes: Readonly<Record<string, ComposeVolume>>): readonly string[] {
  const { type, source, target, read_only: isReadOnly, bind = {}, volume = {} } = mount;
  if (!source) return [];
  const mode = isReadOnly ? 'ro' : 'rw';
  if (type === 'bind' && bind.create_host_path !== false && !bind.recursive)
    return [[source, target, [mode, bind.selinux, bind.propagation].filter(Boolean).join(',')].join(':')];
  if (type === 'volume' && !volume.subpath && !volume.nocopy && Object.keys(volume.labels ?? {}).length === 0)
    return [`${volumeName(source, volumes)}:${target}:${mode}`];
  return [];
}

export const volumeName = (key: string, volumes: Readonly<Record<string, ComposeVolume>>): string =>
  lookup(volumes, key)?.name ?? key;

function mountOf(mount: ComposeMount, volumes: Readonly<Record<string, ComposeVolume>>): EngineRequest {
  const { type, source, target, read_only: isReadOnly, consistency, bind, volume, tmpfs, image } = mount;
  const base = {
    Type: type,
    Source: type === 'volume' && source ? volumeName(source, volumes) : type === 'tmpfs' ? undefined : source,
    Target: target,
    ReadOnly: isReadOnly,
    Consistency: consistency,
  };
  if (type === 'bind') return said({ ...base, BindOptions: said(bindOptions(bind)) });
  if (type === 'volume')
    return said({
      ...base,
      VolumeOptions: said({ NoCopy: volume?.nocopy, Labels: volume?.labels, Subpath: volume?.subpath }),
    });
  if (type === 'tmpfs')
    return said({ ...base, TmpfsOptions: said({ SizeBytes: numberOf(tmpfs?.size), Mode: tmpfs?.mode }) });
  if (type === 'image') return said({ ...base, ImageOptions: said({ Subpath: image?.subpath }) });
  return said(base);
}

const bindOptions = (bind: ComposeMount['bind']) => ({
  Propagation: bind?.propagation,
  CreateMountpoint: bind?.create_host_path === false ? undefined : true,
  ...recursion(bind?.recursive),
});

/** `disabled`, `writable` and `readonly` are two switches of the API. */
const recursion = (recursive: string | undefined) => ({
  NonRecursive: recursive === 'disabled' ? true : undefined,
  ReadOnlyNonRecursive: recursive === 'writable' ? true : undefined,
  ReadOnlyForceRecursive: recursive === 'readonly' ? true : undefined,
});

/** Secrets and configs that are files of this machine; others are put into the container when it is made. */
function filesOf({ config, secrets, configs }: ComposeSpec): readonly EngineRequest[] {
  const bound = (file: string | undefined, target: string): readonly EngineRequest[] =>
    file ? [{ Type: 'bind', Source: file, Target: target, ReadOnly: true }] : [];
  return [
    ...(config.configs ?? []).flatMap((given) => bound(lookup(configs, given.source)?.file, configPlace(given))),
    ...(config.secrets ?? []).flatMap((given) => bound(lookup(secrets, given.source)?.file, secretPlace(given))),
  ];
}
