// The shape of sluice.yaml. Descriptions are what editors show. What needs more than one key to judge is checked where the
// value is used.
import * as z from 'zod';
import { builderLimits } from '../../model/builds/builder.ts';
import { ruleFault } from '../../model/fileset.ts';
import { limits } from '../../model/limits.ts';
import { duration, durationHint } from '../values/duration.ts';
import { portForms, portForward, portHint } from '../values/port.ts';
import { buildOptions } from './build-options.ts';
import { scalar, text, texts } from './terms.ts';

type Plain = string | number;

/** A rule that says of each value how it is written instead. */
function refusing(isGood: (value: Plain) => boolean, message: string, hint: (value: Plain) => string) {
  return (value: Plain, context: z.RefinementCtx): void => {
    if (!isGood(value)) context.addIssue({ code: 'custom', message, input: value, params: { hint: hint(value) } });
  };
}

const name = text.max(253);
const localName = name.regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, {
  error: 'expected a name of letters, digits, dots and dashes',
});
/** Rules as of .dockerignore. */
const rules = z.array(
  text.superRefine((value, context) => {
    const fault = ruleFault(value);
    const hint = 'put \\\\ before a sign that is meant as it stands';
    if (fault !== null)
      context.addIssue({ code: 'custom', message: `this pattern cannot be used: ${fault}`, params: { hint } });
  }),
);
const time = z
  .union([z.string(), z.number()])
  .superRefine(
    refusing((value) => duration(value) !== null, 'expected a duration such as 50ms, 2s or 5m', durationHint),
  );

/** As Kubernetes writes sizes. */
const quantity = text.regex(/^\d+(\.\d+)?([kMGTP]|[KMGTP]i)?$/, { error: 'expected a size such as 20Gi' });

const liveRule = z
  .strictObject({
    fallback: texts.optional().describe('A change to one of these files makes a full build.'),
    sync: z
      .strictObject({
        from: text.describe('File or directory here.'),
        to: text.describe('Absolute path in the container; with a trailing slash: into that directory.'),
        initial: z.boolean().optional().describe('Send all files to a container that has had none yet.'),
      })
      .optional()
      .describe('Copies changed files into the running container.'),
    run: z
      .strictObject({
        cmd: text.describe('Shell command, run in the container.'),
        when: texts.optional().describe('Only after a change to one of these files.'),
      })
      .optional()
      .describe('Runs a command in the container after the files were copied.'),
    restart: z
      .enum(['process', 'container'])
      .optional()
      .describe('Restarts the process, or the whole container, last.'),
  })
  .describe('One of fallback, sync, run, restart; in this order.');

const place = z
  .union([
    z.strictObject({
      kind: name.describe('Kind of the objects, such as Func.'),
      path: text.describe(
        'Field of the image, such as spec.image, spec.jobs[*].image or data["runner.image"]; lists are gone through.',
      ),
    }),
    z.strictObject({ env: text.describe('Name of a variable of any container.') }),
    z.strictObject({ arg: text.describe('Argument of any container: --image=REF, or --image REF.') }),
    z.strictObject({ annotation: text.describe('Name of an annotation of objects or of pods.') }),
  ])
  .describe('One of kind and path, env, arg, annotation.');

const builder = z
  .union([
    z.enum(['docker', 'buildx', 'cluster']),
    z.strictObject({
      buildkit: text.describe('unix://PATH, tcp://HOST:PORT, docker-container://NAME or kube-pod://POD?namespace=NAME'),
      tls: z
        .strictObject({
          ca: text.optional().describe('Whom the builder is believed by.'),
          cert: text.optional().describe('What this machine shows of itself.'),
          key: text.optional().describe('Of cert.'),
          servername: name
            .optional()
            .describe('Name in the certificate of the builder, where it is not that of the address.'),
        })
        .optional()
        .describe('PEM files for tcp://, relative to this file.'),
    }),
    z.strictObject({
      cluster: z
        .strictObject({
          image: text.optional().describe("Default: moby/buildkit's own."),
          replicas: z.int().min(1).max(builderLimits.replicas).optional().describe('Default: 1.'),
          namespace: name.optional().describe('Default: that of the session.'),
          cache: z
            .strictObject({
              size: quantity.optional().describe('Most that the cache may take, such as 20Gi.'),
              claim: z
                .boolean()
                .optional()
                .describe('A PersistentVolumeClaim for each replica instead of an emptyDir.'),
              storageClass: name.optional().describe('Of the claim. Default: that of the cluster.'),
            })
            .optional()
            .describe('What is kept of builds: a directory of the pod, unless claim is true.'),
          hostNetwork: z.boolean().optional().describe("Builds on the node's network, to reach its registry."),
          rootless: z.boolean().optional().describe('Not privileged: slower, and not on every node.'),
          resources: z.record(text, z.unknown()).optional().describe('requests and limits, as of a container.'),
        })
        .nullable()
        .describe('BuildKit in the cluster itself, kept there by sluice.'),
    }),
  ])
  .describe(
    'Who builds: docker (default), buildx (its current builder), cluster, {buildkit: ADDRESS} or {cluster: {…}}.',
  );

const image = z
  .strictObject({
    context: text
      .optional()
      .describe(
        'Directory of the build, or a git or http URL that the builder fetches. Default: the directory of this file.',
      ),
    dockerfile: text
      .optional()
      .describe('Path of the Dockerfile, or its text: a text of several lines. Default: Dockerfile in the context.'),
    target: text.optional().describe('Stage of the Dockerfile to build.'),
    at: z
      .array(place)
      .optional()
      .describe('Where else than in containers the manifests name this image: it is put in there as well.'),
    entrypoint: z
      .union([text, z.array(z.string()).min(1)])
      .optional()
      .describe(
        'Command of its containers in pods, for development: instead of what image and manifest say. A text is run by /bin/sh -c. Arguments of the manifest go with the command that is replaced.',
      ),
    containerArgs: z
      .array(z.string())
      .optional()
      .describe('Arguments of its containers in pods, instead of what image and manifest say.'),
    args: z.record(text, scalar).optional().describe('Build arguments.'),
    secrets: texts.optional().describe('As of `docker build --secret`: id=npmrc,src=~/.npmrc'),
    ssh: texts.optional().describe('As of `docker build --ssh`: default'),
    platform: text
      .optional()
      .describe('Such as linux/amd64, several with commas between them. Default: that of the cluster.'),
    builder: builder.optional(),
    ...buildOptions,
    only: rules.optional().describe('The build sees and watches these files alone; relative to the context.'),
    ignore: rules
      .optional()
      .describe(
        'Left out beside what .dockerignore says; the same syntax. This file is left out unless `!` and its name say otherwise.',
      ),
    command: text
      .optional()
      .describe(
        'Shell command that makes the image instead of a Dockerfile. Gets $SLUICE_IMAGE, $SLUICE_REGISTRY, $SLUICE_TAG.',
      ),
    deps: z
      .union([
        texts,
        z.strictObject({
          command: text.describe('Shell command that prints them: one a line, or a list in JSON.'),
          deps: texts
            .optional()
            .describe('Files whose change has them printed again. Default: any of those that it printed.'),
        }),
      ])
      .optional()
      .describe('With `command`: files and directories whose change starts it, or {command} that prints them.'),
    live: z
      .array(liveRule)
      .optional()
      .describe('How running containers are updated in place: fallback, sync, run, restart.'),
  })
  .nullable()
  .describe('How an image is built, and how its containers are updated. Without context and command: built elsewhere.');

const renderer = z.strictObject({
  kustomize: text.optional().describe('Directory of a kustomization.'),
  helm: text.optional().describe('Chart: a directory, or what `helm template` takes.'),
  name: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,51}[a-z0-9])?$/, { error: 'expected a release name such as db' })
    .optional()
    .describe('Release name for helm. Default: name of the chart.'),
  values: texts.optional().describe('Values files for helm.'),
  set: z.record(text, scalar).optional().describe('Single values for helm.'),
  namespace: name.optional().describe('Namespace for helm.'),
  command: text.optional().describe('Shell command that prints manifests.'),
  deps: texts.optional().describe('Files whose change renders again.'),
});

const kubernetes = z
  .strictObject({
    manifests: z
      .array(z.union([text, renderer]))
      .optional()
      .describe('Globs of manifest files, or {kustomize}, {helm}, {command}.'),
    context: name.optional().describe('Only this context of the kubeconfig may be deployed to.'),
    allow: texts.optional().describe('Contexts that may be deployed to beyond well-known local clusters.'),
    namespace: name.optional().describe('For objects that name none. Default: that of the context.'),
    delivery: z
      .enum(['push', 'load', 'shared'])
      .optional()
      .describe(
        'How images get to the nodes: push to a registry, load by a command of the local cluster (kind, k3d, minikube, microk8s; else ctr of this machine), or shared, where the cluster runs on the Docker that builds. Default: by what the cluster is.',
      ),
    registry: text
      .optional()
      .describe(
        'Registry that images are pushed to. Default: what the cluster announces; Docker Hub only where docker.io/NAME stands here.',
      ),
  })
  .nullable();

const probe = z
  .strictObject({
    http: text.optional().describe('Ready when this URL answers below 400.'),
    tcp: z
      .union([z.number(), text])
      .optional()
      .describe('Ready when this port accepts a connection: 3000 or host:3000.'),
    exec: text.optional().describe('Ready when this shell command ends with 0.'),
    log: text.max(1_000).optional().describe('Ready when the output matches this regular expression.'),
    every: time.optional(),
    timeout: time.optional(),
    failures: z.int().min(1).max(1_000).optional().describe('Failures in a row until it no longer counts as ready.'),
  })
  .describe('One of http, tcp, exec, log.');

const local = z.strictObject({
  cmd: text.optional().describe('Shell command that runs once, and again after a change to deps.'),
  serve: text.optional().describe('Shell command kept running, restarted after a change to deps.'),
  deps: texts.optional().describe('Files and directories whose change runs it again.'),
  ignore: rules.optional().describe('Left out of deps, in .dockerignore syntax.'),
  dir: text.optional().describe('Working directory. Default: the directory of this file.'),
  env: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'expected the name of a variable' }), scalar)
    .optional(),
  ready: probe.optional(),
  restart: z
    .enum(['no', 'on-failure', 'always'])
    .optional()
    .describe('Whether an ended server is started again. Default: no.'),
  links: z.array(text).optional().describe('URLs shown for this resource.'),
});

const need = z.union([
  name,
  z.strictObject({
    name,
    update: z
      .enum(['order', 'wait-fresh', 'rerun', 'restart'])
      .optional()
      .describe(
        'What an update of the other means for this one. order: nothing, only the first start waits for it. wait-fresh: no run begins before the newest change of the other is live. rerun: it runs again. restart: what runs of it is started again. Default: order.',
      ),
  }),
]);

const resource = z
  .strictObject({
    ports: z
      .array(
        z
          .union([z.number(), z.string()])
          .superRefine(refusing((value) => portForward(value) !== null, `expected a port: ${portForms}`, portHint)),
      )
      .optional()
      .describe('Local ports forwarded to the pod.'),
    needs: z.array(need).optional().describe('Resources that must be ready first.'),
    trigger: z.enum(['auto', 'manual']).optional(),
    start: z.boolean().optional().describe('false: only when asked.'),
    onChange: z
      .enum(['smart', 'cancel', 'finish'])
      .optional()
      .describe(
        'What a newer change means for a running build: smart stops one that has just begun or is late, others end first.',
      ),
    debounce: z.strictObject({ quiet: time.optional(), max: time.optional() }).optional(),
    ready: z.enum(['pods', 'job', 'none']).optional(),
    selectors: z
      .array(
        z
          .record(text, z.string())
          .refine((labels) => Object.keys(labels).length > 0, { error: 'expected at least one label' }),
      )
      .optional()
      .describe('Labels of pods made by others that belong here.'),
    objects: z
      .array(z.string().regex(/^[^/\s]+\/[^/\s]+$/, { error: 'expected kind/name, such as configmap/web-config' }))
      .optional()
      .describe('Objects put with this resource.'),
    labels: z.array(name).optional().describe('Groups in the user interface.'),
    links: z.array(text).optional().describe('URLs shown for this resource.'),
  })
  .nullable();

export const schema = z
  .strictObject({
    project: name
      .optional()
      .describe(
        'Whose objects these are, wherever this file stands. Default: the name of its directory, which counts only together with the place of the directory.',
      ),
    images: z.record(text, image).optional().describe('Images by reference, as it stands in the manifests.'),
    kubernetes: kubernetes.optional().describe('What is deployed, and where.'),
    compose: texts.optional().describe('Compose files, later ones laid over earlier ones: each service is a resource.'),
    local: z.record(localName, local).optional().describe('Commands and servers on this machine.'),
    resources: z.record(name, resource).optional().describe('Settings of any resource, by name.'),
    settings: z
      .strictObject({
        parallel: z
          .int()
          .min(1)
          .max(100)
          .optional()
          .describe(`Updates at once, without those that build nothing. Default: ${limits.parallel}.`),
        builder: builder.optional(),
        ignore: rules.optional().describe('Never watched nor sent to a build; relative to this file.'),
        compose: z
          .strictObject({
            watch: z
              .enum(['declared', 'all'])
              .optional()
              .describe(
                'Of Compose services without develop.watch: whether a change to their build context builds them. Default: all.',
              ),
          })
          .optional()
          .describe('What concerns Compose services.'),
        env: texts.optional().describe('Files of NAME=value lines for ${NAME} and for commands.'),
      })
      .nullable()
      .optional()
      .describe('What concerns everything.'),
  })
  .describe('Configuration of sluice');

export type Raw = z.infer<typeof schema>;
export type RawImage = z.infer<typeof image>;
export type RawBuilder = z.infer<typeof builder>;
export type RawLiveRule = z.infer<typeof liveRule>;
export type RawLocal = z.infer<typeof local>;
export type RawProbe = z.infer<typeof probe>;
export type RawResource = NonNullable<z.infer<typeof resource>>;
export type RawManifest = z.infer<typeof renderer> | string;
