// `belfry pull`: the configuration of a workspace into files. What says the same already is left as it
// is; what was changed here and there is not overwritten unasked.
import { mkdir } from 'node:fs/promises'
import type { Difference } from '../catalog/compare.ts'
import { nameOf, partAt, type Fields } from '../catalog/parts.ts'
import { writePulled } from '../catalog/pulled.ts'
import { writeFiles } from '../catalog/write-folder.ts'
import { count, describeOrigin, readBoth, type Both } from './catalog-files.ts'
import { withCatalogServer, type CatalogOptions } from './catalog-server.ts'
import { Failed } from './failure.ts'
import { print, printJson, say, styledWords } from './output.ts'

type PullOptions = CatalogOptions & { force?: boolean }

export async function pull(folder: string, options: PullOptions): Promise<void> {
  await withCatalogServer(options, async (server) => {
    await mkdir(folder, { recursive: true })
    const both = await readBoth(folder, server, options.json ?? false)
    const wanted = both.differences.filter((one) => isTaken(one, options.force ?? false))
    if (!options.force) refuseLosses(both)

    const values = new Map(
      wanted.map(({ part }) => [part, formOf(both, part)] as [string, Fields | null]),
    )
    const changes = await writeFiles(both.files.loaded, values)
    await writePulled(folder, server.target, both.server.parts)
    const written = changes.filter(({ action }) => action === 'write').length
    const removed = changes.length - written
    const unchanged = both.server.parts.size - written
    if (options.json) return printJson({ written, removed, unchanged, changes })
    for (const { action, file } of changes) print(`${action === 'write' ? '~' : '-'} ${file}`)
    say(`${written} written, ${removed} removed, ${unchanged} unchanged in ${folder}`)
  })
}

/** What the files alone have stays; it goes only when it was deleted on the server. */
function isTaken({ server, changed }: Difference, isForced: boolean): boolean {
  if (changed === 'unknown') return server === 'has'
  return isForced ? server === 'has' || changed !== 'files' : changed === 'server'
}

/** The usual retention is what a file without one means. */
function formOf({ server }: Both, part: string): Fields | null {
  const value = server.parts.get(part)
  if (!value) return null
  const { retention, ...rest } = value
  return partAt(part).kind === 'event_types' && retention === server.retention ? rest : value
}

function refuseLosses({ differences, server }: Both): void {
  const lost = differences.filter(
    ({ changed, files, server: there }) =>
      files === 'has' && (changed === 'both' || (changed === 'unknown' && there === 'has')),
  )
  if (lost.length === 0) return
  say(
    `${styledWords('red', 'error:')} ${count(lost.length, 'file')} would lose what was changed here:`,
  )
  for (const { part } of lost) say(`  ${nameOf(part)}${describeOrigin(server.origins.get(part))}`)
  say(
    'See it: belfry diff. Take the server’s: belfry pull --force. Keep yours: belfry push --force',
  )
  throw new Failed()
}
