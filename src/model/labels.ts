// Every label and annotation that sluice writes on what it makes in a cluster or a daemon. They are part of what users see and
// select by, and are never renamed: an object of an earlier version would be nobody's.

/** Whose it is: the project as a label may carry it, the place of its directory, and the resource. */
export const projectLabel = 'sluice-project';
export const placeAnnotation = 'sluice.dev/place';
export const resourceLabel = 'sluice-resource';

/** The session that last changed an object, or the template of its pods. */
export const runIdLabel = 'sluice-runid';
/** Digest of a workload's pod template, on its pods: which of them are of the newest. */
export const templateLabel = 'sluice-template';
/** Digest of an object without what differs from session to session. */
export const digestAnnotation = 'sluice.dev/digest';
/** The deploy that made it, as in `manifests/origin.ts`. */
export const originAnnotation = 'sluice.dev/origin';
/** Digest of the release that a hook belongs to: it runs again when anything of that is another. */
export const releaseAnnotation = 'sluice.dev/release';
/** Written by users: `keep` keeps the object at `down`. */
export const downAnnotation = 'sluice.dev/down';

/** The builders in a cluster, which of them, and what they were made for. */
export const builderLabel = 'sluice.dev/builder';
export const builderReplicaLabel = 'sluice.dev/builder-replica';
export const builderSettingsAnnotation = 'sluice.dev/settings';

/** On images: the reference that one was built for, and whose it is (a digest of the place, not the place). */
export const imageRefLabel = 'sluice.dev/ref';
export const imageOwnerLabel = 'sluice.dev/project';
