// On which machine a Docker daemon is: what it publishes and what it binds is there.

/** As its address names it (`ssh://root@build`, `tcp://build:2376`): `build`; null for this machine. */
export function daemonHost(address: string | undefined): string | null {
  const [, name = ''] = /^(?:ssh|tcp|https?):\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^:/]+)/i.exec(address ?? '') ?? [];
  return name === '' || isLoopback(name) ? null : name;
}

export const isLoopback = (name: string): boolean => /^(?:localhost|127(?:\.\d+){3}|\[?::1\]?)$/i.test(name);
