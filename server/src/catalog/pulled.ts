// What the server had when the files were last equal to it: by that, a later push or pull knows which
// side has changed since. Kept beside the files, for each checkout by itself.
import { readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fingerprintOf, type Parts } from './parts.ts'

const fileName = '.belfry-pulled.json'

/** The fingerprint of each part, by pointer. */
export type Pulled = Map<string, string>

/** `target`: which server and workspace. Null: nothing is known of it here. */
export async function readPulled(folder: string, target: string): Promise<Pulled | null> {
  const parts = (await readAll(folder))[target]
  return parts === undefined ? null : new Map(Object.entries(parts))
}

export async function writePulled(folder: string, target: string, server: Parts): Promise<void> {
  const file = path.join(folder, fileName)
  const parts = Object.fromEntries([...server].map(([part, value]) => [part, fingerprintOf(value)]))
  const draft = `${file}.${process.pid}`
  const all = { ...(await readAll(folder)), [target]: parts }
  await writeFile(draft, `${JSON.stringify(all, null, 2)}\n`)
  await rename(draft, file)
}

async function readAll(folder: string): Promise<Record<string, Record<string, string>>> {
  try {
    // Written above; what is something else is not known.
    return JSON.parse(await readFile(path.join(folder, fileName), 'utf8')) as Record<
      string,
      Record<string, string>
    >
  } catch {
    return {}
  }
}
