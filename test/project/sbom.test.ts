// What is shipped is known: the list of what the bundle is made of, and nothing that runs or is fetched at an install.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const json = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'));

interface Component {
  readonly group?: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses: readonly unknown[];
}

describe('the package', () => {
  const { components, ...bom } = json('dist/sbom.cdx.json') as { components: readonly Component[] };

  it('lists what is bundled, each as package-lock.json pins it', () => {
    expect(bom).toMatchObject({
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      metadata: { component: { name: 'sluice' } },
    });
    const { packages } = json('package-lock.json');
    const names = components.map(({ group, name }) => (group ? `${group}/${name}` : name));
    for (const name of ['@kubernetes/client-node', 'rxjs', 'yaml', 'dockerode', 'blessed', 'clipanion', 'zod'])
      expect(names).toContain(name);
    for (const name of ['vitest', 'esbuild', 'typescript', '@biomejs/biome']) expect(names).not.toContain(name);
    for (const { purl, version, hashes, licenses } of components) {
      const entries = Object.values(packages) as { version?: string; integrity?: string }[];
      const digests = entries.flatMap((each) => (each.version === version ? [each.integrity] : []));
      const digest = `sha512-${Buffer.from(hashes[0]?.content ?? '', 'hex').toString('base64')}`;
      expect([purl, digests.includes(digest), licenses.length]).toEqual([purl, true, 1]);
    }
  });

  it('has nothing to fetch and nothing to run when it is installed', () => {
    const { dependencies, optionalDependencies, peerDependencies, bundleDependencies, scripts, files } =
      json('package.json');
    expect({ dependencies, optionalDependencies, peerDependencies, bundleDependencies }).toEqual({});
    // `prepare` is run for clones and before packing, not for a package from a registry.
    expect(Object.keys(scripts).filter((name) => /^(pre|post)?install$|^(pre|post)prepare$/.test(name))).toEqual([]);
    expect(files).toEqual(expect.arrayContaining(['dist', 'SECURITY.md']));
  });
});
