// `belfry push`: the files become the configuration of a workspace, all of them or none. What somebody
// changed there since the last pull is not undone unasked.
import type { Applied, CatalogChange, TellProgress } from '../catalog/apply.ts'
import { placeProblems, printProblems } from '../catalog/folder.ts'
import { nameOf } from '../catalog/parts.ts'
import { writePulled } from '../catalog/pulled.ts'
import { ApiError } from '../errors.ts'
import { count, describeOrigin, readBoth, tellProblems, type Both } from './catalog-files.ts'
import { withCatalogServer, type CatalogOptions, type CatalogServer } from './catalog-server.ts'
import { Failed } from './failure.ts'
import { print, printJson, say, styled, styledWords } from './output.ts'
import { createProgressLine } from './progress-line.ts'

type PushOptions = CatalogOptions & { dryRun?: boolean; prune?: boolean; force?: boolean }

export async function push(folder: string, options: PushOptions): Promise<void> {
  await withCatalogServer(options, async (server) => {
    const both = await readBoth(folder, server, options.json ?? false)
    if (!options.force) refuseLosses(both, options.prune ?? false)
    const applied = await apply(server, both, options)
    if (!options.dryRun) {
      const { parts } = await server.read()
      await writePulled(folder, server.target, parts)
    }
    const { warnings, unset } = { warnings: applied.warnings, unset: both.files.unset }
    const told = placeProblems(both.files.loaded, [...unset, ...warnings])
    if (options.json) return printJson(asJson(applied, told))
    for (const change of applied.changes) print(line(change))
    for (const warning of printProblems(told, folder))
      say(`${styledWords('yellow', 'warning:')} ${warning}`)
    say(`${options.dryRun ? 'Would be: ' : ''}${summary(applied)}`)
  })
}

async function apply(
  server: CatalogServer,
  { files, server: found }: Both,
  options: PushOptions,
): Promise<Applied> {
  const progress = createProgressLine(options.json ?? false)
  const tell: TellProgress = (step, done, of) =>
    progress.tell(
      done / of,
      () => `${step} ${done.toLocaleString('en')} of ${of.toLocaleString('en')} parts`,
    )
  const applying = {
    parts: files.parts,
    revision: options.force ? null : found.revision,
    mayDelete: options.prune ?? false,
    isDryRun: options.dryRun ?? false,
    tell,
  }
  try {
    return await server.apply(applying).finally(progress.end)
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'invalid_catalog') throw error
    const { loaded } = files
    tellProblems(
      placeProblems(loaded, error.details.errors ?? []),
      loaded.folder,
      options.json ?? false,
    )
    throw error
  }
}

/** What a push would undo: changed on the server since the files were equal to it. */
function refuseLosses({ differences, server, pulled }: Both, mayDelete: boolean): void {
  if (pulled === null) return
  const lost = differences.filter(
    ({ changed, files }) =>
      (changed === 'server' || changed === 'both') && (files === 'has' || mayDelete),
  )
  if (lost.length === 0) return
  say(
    `${styledWords('red', 'error:')} ${count(lost.length, 'part')} changed on the server since your last pull:`,
  )
  for (const { part } of lost) say(`  ${nameOf(part)}${describeOrigin(server.origins.get(part))}`)
  say('See it: belfry diff. Take it: belfry pull. Push over it: belfry push --force')
  throw new Failed()
}

const marks = { create: ['green', '+'], update: ['yellow', '~'], delete: ['red', '-'] } as const

function line({ action, part }: CatalogChange): string {
  const [colour, mark] = marks[action]
  return `${styled(colour, mark)} ${nameOf(part)}`
}

function countsOf({ changes, unchanged, kept }: Applied) {
  const of = (wanted: string) => changes.filter(({ action }) => action === wanted).length
  return {
    created: of('create'),
    updated: of('update'),
    deleted: of('delete'),
    unchanged,
    kept: kept.length,
  }
}

function summary(applied: Applied): string {
  const { created, updated, deleted, unchanged, kept } = countsOf(applied)
  const others = kept === 0 ? '' : `; ${kept} only on the server (--prune deletes what has no file)`
  return `${created} created, ${updated} updated, ${deleted} deleted, ${unchanged} unchanged${others}`
}

function asJson(applied: Applied, warnings: object[]) {
  const { changes, kept, revision } = applied
  return { revision, counts: countsOf(applied), changes, kept, warnings }
}
