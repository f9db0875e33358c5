// This side of pull, diff and push: the files, read and made comparable with what a server has.
import { shortForm } from '../catalog-forms.ts'
import { readForms } from '../catalog/check.ts'
import { compare, type Difference } from '../catalog/compare.ts'
import {
  loadCatalog,
  placeProblems,
  printProblems,
  type FileProblem,
  type LoadedCatalog,
} from '../catalog/folder.ts'
import { partAt, type Parts } from '../catalog/parts.ts'
import { readPulled, type Pulled } from '../catalog/pulled.ts'
import { resolveSecrets } from '../catalog/secret-references.ts'
import type { Config } from '../config.ts'
import type { FieldError } from '../errors.ts'
import type { CatalogServer, Origin, ServerCatalog } from './catalog-server.ts'
import { Failed } from './failure.ts'
import { print, printJson, say, styledWords } from './output.ts'

export type Files = {
  loaded: LoadedCatalog
  /** As they are sent, secrets resolved. */
  parts: Parts
  /** As the server shows them. */
  forms: Parts
  unset: FieldError[]
}

/** @throws Failed when anything is wrong with them, which was told. */
export async function readFiles(
  loaded: LoadedCatalog,
  { config, retention }: { config: Config; retention: string },
  isJson: boolean,
): Promise<Files> {
  const { parts, problems, unset } = resolveSecrets(loaded.parts)
  const read = await readForms({ config: { ...config, retention } }, parts)
  const all = [...loaded.problems, ...placeProblems(loaded, [...problems, ...read.problems])]
  tellProblems(all, loaded.folder, isJson)
  const forms = new Map(
    [...read.definitions].map(([part, definition]) => [part, shortForm(partAt(part), definition)]),
  )
  return { loaded, parts, forms, unset }
}

/** @throws Failed if there are any. */
export function tellProblems(problems: FileProblem[], folder: string, isJson: boolean): void {
  if (problems.length === 0) return
  if (isJson) printJson({ problems })
  else for (const line of printProblems(problems, folder)) print(line)
  say(`${styledWords('red', 'error:')} ${count(problems.length, 'problem')}. Nothing was changed.`)
  throw new Failed()
}

export type Both = {
  files: Files
  server: ServerCatalog
  pulled: Pulled | null
  differences: Difference[]
}

export async function readBoth(
  folder: string,
  server: CatalogServer,
  isJson: boolean,
): Promise<Both> {
  const [loaded, found] = [await loadCatalog(folder), await server.read()]
  const files = await readFiles(
    loaded,
    { config: server.config, retention: found.retention },
    isJson,
  )
  const pulled = await readPulled(folder, server.target)
  return { files, server: found, pulled, differences: compare(files.forms, found.parts, pulled) }
}

export function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`
}

/** ` (version 3, by "dashboard", 2026-11-21 07:30)` */
export function describeOrigin(origin: Origin | undefined): string {
  if (!origin) return ' (deleted there)'
  const { version, author, changedAt } = origin
  const facts = [
    ...(version === null ? [] : [`version ${version}`]),
    ...(author === null ? [] : [`by "${author}"`]),
    changedAt.slice(0, 16).replace('T', ' '),
  ]
  return ` (${facts.join(', ')})`
}
