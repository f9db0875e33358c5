// Reads a catalog from its folder: what each file says, and where. What is wrong with files is
// gathered, so that everything is told at once.
import { lstat, readdir, readFile, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { pointerTo } from '../domain/json-pointer.ts'
import { nearestOf } from '../domain/nearest.ts'
import type { FieldError } from '../errors.ts'
import { catalogFiles, catalogFolders, partOfFile, readPart, type PartText } from './part-files.ts'
import { nameOf, partAt, pointerOf, type Fields, type Parts } from './parts.ts'

export type FileProblem = { file: string; line: number; column: number; detail: string }

export type LoadedFile = PartText & { file: string; text: string }

export type LoadedCatalog = {
  folder: string
  /** By the pointer of the part. */
  files: Map<string, LoadedFile>
  /** What they say, where it has the form of fields. */
  parts: Parts
  problems: FileProblem[]
}

const mostBytes = 256 * 1024
const mostFiles = 10_000

/** @throws Error when there is no such folder. */
export async function loadCatalog(folder: string): Promise<LoadedCatalog> {
  const root = await realpath(folder).catch(() => null)
  if (root === null || !(await stat(root)).isDirectory())
    throw new Error(
      `There is no folder ${folder}. Make one from what a server has: belfry pull ${folder}`,
    )
  const loaded: LoadedCatalog = { folder, files: new Map(), parts: new Map(), problems: [] }
  const paths = await pathsIn(root, loaded)
  if (paths.length > mostFiles) throw new Error(`${folder} has more than ${mostFiles} files.`)
  for (const file of paths) await loadFile(root, file, loaded)
  return loaded
}

async function pathsIn(root: string, { problems }: LoadedCatalog): Promise<string[]> {
  const paths: string[] = []
  for (const entry of (await readdir(root, { withFileTypes: true })).toSorted(byName)) {
    if (catalogFolders.some((known) => known === entry.name)) {
      const names = await namesIn(root, entry.name)
      paths.push(...names.map((name) => `${entry.name}/${name}`))
    } else if (catalogFiles.includes(entry.name)) paths.push(entry.name)
    else {
      const isFile = /\.ya?ml$/.test(entry.name)
      const known = isFile ? catalogFiles : entry.isFile() ? [] : catalogFolders
      const meant = nearestOf(entry.name, known)
      const what = isFile ? 'file' : 'folder'
      if (meant !== null)
        problems.push(wholeFile(entry.name, `is no ${what} of a catalog. Did you mean "${meant}"?`))
    }
  }
  return paths
}

async function namesIn(root: string, folder: string): Promise<string[]> {
  if (!(await lstat(path.join(root, folder))).isDirectory())
    throw new Error(`${folder} in ${root} must be a folder, and no link to one.`)
  const names = await readdir(path.join(root, folder))
  return names.filter((name) => !name.startsWith('.') && !/\.md$/i.test(name)).toSorted()
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1
}

async function loadFile(root: string, file: string, loaded: LoadedCatalog): Promise<void> {
  const { files, parts, problems } = loaded
  const id = partOfFile(file)
  if ('detail' in id) return void problems.push(wholeFile(file, id.detail))
  const text = await textOf(root, file)
  if (typeof text !== 'string') return void problems.push(wholeFile(file, text.detail))
  const pointer = pointerOf(id)
  const other = files.get(pointer)
  if (other)
    return void problems.push(wholeFile(file, `is the same ${nameOf(pointer)} as ${other.file}.`))
  const read = readPart(id, text)
  if ('problems' in read)
    return void problems.push(...read.problems.map((problem) => ({ file, ...problem })))
  files.set(pointer, { ...read, file, text })
  if (read.value === null || typeof read.value !== 'object' || Array.isArray(read.value))
    problems.push(wholeFile(file, 'must have fields, as in "name: Order shipped".'))
  else parts.set(pointer, read.value as Fields)
}

/** What is in the file, or why it is not read. Nothing outside of the folder is. */
async function textOf(root: string, file: string): Promise<string | { detail: string }> {
  const real = await realpath(path.join(root, file)).catch(() => null)
  if (real === null) return { detail: 'is a link that leads nowhere.' }
  if (!real.startsWith(root + path.sep))
    return { detail: 'is a link that leads out of the folder: nothing there is read.' }
  const { size, isFile } = await stat(real).then((found) => ({
    size: found.size,
    isFile: found.isFile(),
  }))
  if (!isFile) return { detail: 'is no file.' }
  if (size > mostBytes) return { detail: `is larger than ${mostBytes / 1024} kB.` }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(real))
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return { detail: 'is not UTF-8.' }
  }
}

function wholeFile(file: string, detail: string): FileProblem {
  return { file, line: 1, column: 1, detail }
}

/** Problems by their pointers, as problems of the files they are in. */
export function placeProblems({ files }: LoadedCatalog, errors: FieldError[]): FileProblem[] {
  return errors.map(({ pointer, detail }) => {
    const id = partAt(pointer)
    const part = pointerOf(id)
    const found = files.get(part)
    if (!found) return wholeFile(nameOf(part), detail)
    const inside = pointer.slice(part.length)
    const told = /^line (\d+), column (\d+): /.exec(detail)
    const within = told && { line: Number(told[1]), column: Number(told[2]) }
    const place = found.placeOf(inside, within, detail.startsWith('is not known') ? 'key' : 'value')
    const field = inside === '' || inside === '/body' ? '' : `${inside.slice(1)}: `
    return {
      file: found.file,
      ...place,
      detail: `${field}${told ? detail.slice(told[0].length) : detail}`,
    }
  })
}

/** In the order of files, then of lines; each problem once. */
export function printProblems(problems: FileProblem[], folder: string): string[] {
  const sorted = problems.toSorted(
    (a, b) =>
      (a.file < b.file ? -1 : Number(a.file > b.file)) || a.line - b.line || a.column - b.column,
  )
  const lines = sorted.map(
    ({ file, line, column, detail }) => `${path.join(folder, file)}:${line}:${column}: ${detail}`,
  )
  return [...new Set(lines)]
}

/** The pointer of a field of a part. */
export function fieldOf(part: string, ...names: string[]): string {
  return `${part}${pointerTo(names)}`
}
