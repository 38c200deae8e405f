export function touchingDocker(root: string): string[];
