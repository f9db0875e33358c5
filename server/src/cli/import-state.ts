// How far an import has come, in a file beside the one that is imported: the next run goes on there.
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import type { ImportKind } from './import-rows.ts'

export type Counts = {
  rows: number
  created: number
  updated: number
  added: number
  refused: number
}

export type ImportState = {
  kind: ImportKind
  topic: string | null
  url: string
  /** The last line that is done. */
  line: number
  counts: Counts
  /** Of the file of refused rows, in bytes. */
  refusedLength: number
}

export const noCounts: Counts = { rows: 0, created: 0, updated: 0, added: 0, refused: 0 }

export const statePath = (file: string): string => `${file}.import.json`

/** The file as it is: another one of the same name is another import. */
async function markOf(file: string): Promise<string> {
  const { size, mtimeMs } = await stat(file)
  return `${size} ${mtimeMs}`
}

/** Null when nothing of this import was done before. */
export async function readState(
  file: string,
  { kind, topic, url }: Pick<ImportState, 'kind' | 'topic' | 'url'>,
): Promise<ImportState | null> {
  const text = await readFile(statePath(file), 'utf8').catch(() => null)
  if (text === null) return null
  const { mark, ...state } = JSON.parse(text) as ImportState & { mark: string } // as it was written
  const isSame = state.kind === kind && state.topic === topic && state.url === url
  return isSame && mark === (await markOf(file)) ? state : null
}

export async function writeState(file: string, state: ImportState): Promise<void> {
  const draft = `${statePath(file)}.${process.pid}`
  await writeFile(draft, JSON.stringify({ ...state, mark: await markOf(file) }))
  await rename(draft, statePath(file))
}

export async function removeState(file: string): Promise<void> {
  await rm(statePath(file), { force: true })
}
