// What is known about Kubernetes objects without asking a cluster: pure, for config, builds and deploys alike.
export { autoscalersAmong, leftToCluster, scales } from './manifests/cluster-owned.ts';
export { type Claim, type Group, type Grouping, group, grouped } from './manifests/group.ts';
export { byTurn, type Ending, type Hook, hookOf, isRunner } from './manifests/hooks.ts';
export { objectKey, objectName, objectRef } from './manifests/identity.ts';
export { type ImageName, imageName, imageOf, isSameImage } from './manifests/images/image.ts';
export { type Injected, type Injection, inject } from './manifests/images/inject.ts';
export { type ImagePlaces, imagesIn, placesOf } from './manifests/images/places.ts';
export { kindOrder, kindRank } from './manifests/kind-order.ts';
export { secretsOf } from './manifests/secrets.ts';
export { stableJson } from './manifests/stable-json.ts';
export { type PodTemplate, podTemplate, readyDefault } from './manifests/workload.ts';
