// What sluice itself costs, for the header.

/** Processor time since the last call in percent of one core, and memory in MiB; rounded, so that noise draws no frame. */
export function usageMeter(): () => { readonly cpu: number; readonly rss: number } {
  let at = performance.now();
  let used = process.cpuUsage();
  return () => {
    const passed = Math.max(1, performance.now() - at);
    const { user, system } = process.cpuUsage(used);
    at = performance.now();
    used = process.cpuUsage();
    return {
      cpu: Math.round((user + system) / 10 / passed),
      rss: Math.round(process.memoryUsage.rss() / 1024 / 1024 / 5) * 5,
    };
  };
}
