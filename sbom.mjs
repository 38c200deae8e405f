// What the bundle is made of, as CycloneDX 1.5: every package of which a file went into it, with its version, licence and
// digest from package-lock.json. The same input gives the same text, and nothing is asked of the network.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `inputs`: paths of esbuild's metafile, relative to `root`. */
export function sbom(inputs, root) {
  const { name, version, packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const paths = [...new Set(inputs.map(packageOf).filter((path) => path !== null))].sort();
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': purl(name, version),
        name,
        version,
        licenses: licences(packages['']),
      },
    },
    components: paths.map((path) => component(path, packages[path])),
  };
}

/** `node_modules/a/node_modules/@b/c/d.js` → `node_modules/a/node_modules/@b/c`; null for a file of our own. */
const packageOf = (input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0] ?? null;

function component(path, entry) {
  if (!entry?.version) throw new Error(`${path} is not in package-lock.json`);
  const full = entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const [, group, name] = /^(?:(@[^/]+)\/)?(.+)$/.exec(full);
  const { version, resolved, integrity } = entry;
  return {
    type: 'library',
    'bom-ref': purl(full, version),
    ...(group ? { group } : {}),
    name,
    version,
    purl: purl(full, version),
    ...(integrity ? { hashes: [hash(integrity)] } : {}),
    licenses: licences(entry),
    ...(resolved ? { externalReferences: [{ type: 'distribution', url: resolved }] } : {}),
  };
}

const purl = (name, version) => `pkg:npm/${name.replace('@', '%40')}@${version}`;

/** Subresource integrity, `sha512-BASE64`, as CycloneDX has it. */
function hash(integrity) {
  const [algorithm, digest] = integrity.split(/-(.*)/s);
  return { alg: algorithm.replace('sha', 'SHA-'), content: Buffer.from(digest, 'base64').toString('hex') };
}

const licences = ({ license }) =>
  license === undefined
    ? []
    : [/ (?:AND|OR|WITH) /.test(license) ? { expression: license } : { license: { id: license } }];
