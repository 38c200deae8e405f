export const filesBelow: (dir: string) => string[];
export const directoriesBelow: (dir: string) => string[];
