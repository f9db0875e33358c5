// Puts parts into files. A file that says the same already is left as it is, comments and all.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { LoadedCatalog } from './folder.ts'
import { fileOf, printPart } from './part-files.ts'
import { partAt, type Fields } from './parts.ts'
import { withReferences } from './secret-references.ts'

export type FileChange = { action: 'write' | 'remove'; file: string; part: string }

/** `values`: what parts are to say; null: their file goes. */
export async function writeFiles(
  loaded: LoadedCatalog,
  values: Map<string, Fields | null>,
): Promise<FileChange[]> {
  const changes: FileChange[] = []
  for (const [part, value] of values) {
    const id = partAt(part)
    const before = loaded.files.get(part)
    const file = before?.file ?? fileOf(id)
    const full = path.join(loaded.folder, file)
    if (value === null) await rm(full, { force: true })
    else {
      await mkdir(path.dirname(full), { recursive: true })
      await writeFile(full, printPart(id, withReferences(part, value, before?.value)))
    }
    changes.push({ action: value === null ? 'remove' : 'write', file, part })
  }
  return changes
}
