// Every part that a loop of this kind must have, beside the title of a test that proves it at work.
import { expect, it } from 'vitest';
import { projectFiles, textOf } from '../support/sources.ts';

const proofs: Readonly<Record<string, string>> = {
  'the loop: facts → state → views': 'hello comes up, takes in an edit, and leaves nothing behind',
  'Upper.CreateManifests, InitAction': 'ends with 0 when everything is built and ready, and takes its servers with it',
  'Upper.RunHud': 'restores the terminal',
  'WatchManager, FsWatcherMaker':
    'follows a new plan: what was not watched is the new state, what was watched and changed is told',
  'timerMaker, spurious changes':
    'a link that leads nowhere is a file like any other, save the locks of editors, known by their names',
  'BuildController, BuildStartedAction, BuildCompleteAction':
    'a build step that fails shows its output; the old pod goes on; the next save mends it',
  'BuildAndDeployer, PostProcessBuild': 'is what the next full build contains as well, also after a restart',
  'CompositeBuildAndDeployer, FallbackTester':
    'is served by the same pod, and one that hits a fallback rule by a new one',
  ImageBuildAndDeployer: 'comes up, and a saved file is served by a new pod through the same forwarded port',
  LocalContainerBuildAndDeployer: 'reaches a container without a shell by an archive, and declines what would need one',
  'SyncletBuildAndDeployer, SyncletManager': 'runs steps after the files, in order, and gives their whole output',
  'DeployDiscovery, DeployInfo': 'gives each container what it lacks',
  'UpdateMode, ProvideUpdateMode': 'a mode that this cluster cannot serve is a usage error that says why',
  ManifestReloadedAction: 'a broken edit keeps the last good configuration and says what is wrong where',
  'PodWatcher, PodChangeAction': 'a pod that crashes in a loop shows the log from before the crash, and is mended',
  'ServiceWatcher, ServiceChangeAction': 'a node port becomes an endpoint',
  'PodLogManager, PodLogAction': 'the log of a pod is followed over restarts and new pods, no line lost or told twice',
  'PortForwardController, PopulatePortForwards':
    'a forward without a container port gets the one that the pod declares',
  ParseYAMLFromManifests: 'plan shows what would be built and deployed, and touches nothing',
  'ManifestNameLabel, TiltRunIDLabel': 'labels everything with its resource and the session',
  ErrorAction: 'no cluster is said with its address; ci gives up with 6',
  'the image reaper': 'removes only images of ours that are old',
};

it('every part has a test that proves it', () => {
  const texts = projectFiles('test', '.test.ts')
    .filter((path) => !path.endsWith('parts.test.ts'))
    .map(textOf);
  const missing = Object.entries(proofs).filter(([, title]) => !texts.some((text) => text.includes(title)));
  expect(missing).toEqual([]);
});
