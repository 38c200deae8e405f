// Whose is it? What sluice makes says which project it belongs to; nothing of another project is shown, changed or deleted.
import { placeAnnotation, projectLabel } from './labels.ts';
import { labelValue } from './text/fitted-name.ts';

export interface Project {
  /** As given by `project:`, else the directory's. */
  readonly name: string;
  /** The same as a label may carry it. */
  readonly label: string;
  /** Real path of the directory. */
  readonly dir: string;
  /** A given name is the same project wherever it stands; a directory's counts only together with its place. */
  readonly isGiven: boolean;
}

/** What a thing says of its project: name as in the label, and the place where only both together count. */
export interface Mark {
  readonly project: string;
  readonly place: string | null;
}

export function projectOf(given: string | null, dir: string): Project {
  const name = given ?? (dir.slice(dir.lastIndexOf('/') + 1) || dir);
  return { name, label: labelValue(name), dir, isGiven: given !== null };
}

/** The place that goes with the name, null where the name says enough. */
export const placeOfProject = ({ dir, isGiven }: Project): string | null => (isGiven ? null : dir);

/** A project that is given the name its directory has had so far goes on with what is there. */
export const isOf = (project: Project, { project: label, place }: Mark): boolean =>
  label === project.label && (place === project.dir || (place === null && project.isGiven));

type Texts = Readonly<Record<string, string>>;

/** Null for what carries no project. */
export function markOf(labels: Texts = {}, annotations: Texts = {}): Mark | null {
  const project = Object.hasOwn(labels, projectLabel) ? labels[projectLabel] : undefined;
  if (project === undefined) return null;
  const place = Object.hasOwn(annotations, placeAnnotation) ? annotations[placeAnnotation] : undefined;
  return { project, place: place ?? null };
}
