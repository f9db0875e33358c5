// `belfry import`: subscribers and members of topics from a file, through the HTTP API. Rows go in
// batches; how far it has come is kept beside the file, so that a run that ended goes on where it was.
import { Command } from 'commander'
import { createApi, type Api, type ApiOptions } from './api.ts'
import { Failed } from './failure.ts'
import { sendBatch } from './import-batch.ts'
import { createProgress } from './import-progress.ts'
import { openRefused, type RefusedFile } from './import-refused.ts'
import { openRows, type ImportKind, type Row, type Source } from './import-rows.ts'
import { noCounts, readState, removeState, writeState, type ImportState } from './import-state.ts'
import { examples, withJoinOptions } from './options.ts'
import { print, printJson, say } from './output.ts'

type ImportOptions = ApiOptions & { topic?: string; refused?: string; restart?: boolean }

export function importCommand(): Command {
  const group = new Command('import').description('Import subscribers and members of topics.')
  const subscribers = new Command('subscribers')
    .description('Create and change subscribers from CSV, or NDJSON (.ndjson, .jsonl).')
    .argument(
      '<file>',
      'columns: id, email, phone, locale, timezone, addresses.<channel>, data.<name>',
    )
    .option('--topic <key>', 'make them members of this topic too')
    .addHelpText(
      'after',
      examples(
        'belfry import subscribers people.csv',
        'belfry import subscribers people.ndjson --topic newsletter --refused refused.ndjson',
      ),
    )
    .action((file: string, options: ImportOptions) => run('subscribers', file, options))
  const members = new Command('members')
    .description('Add members to topics from CSV or NDJSON; they have to be subscribers.')
    .argument('<file>', 'columns: id, and topic unless --topic names it')
    .option('--topic <key>', 'the topic of all of them')
    .addHelpText(
      'after',
      examples("belfry import members watchers.csv --topic 'product:42#watcher'"),
    )
    .action((file: string, options: ImportOptions) => run('members', file, options))
  for (const command of [subscribers, members]) {
    command
      .option('--refused <file>', 'where refused rows go (default: beside the file)')
      .option('--restart', 'from the first row, though an earlier run has come further')
      .option('--url <url>', 'where Belfry answers (default: the one of the data directory)')
    group.addCommand(withJoinOptions(command))
  }
  return group
}

const batchRows = 1_000
const batchCharacters = 500_000 // a batch has 2 MB at most, and a character up to three bytes

async function run(kind: ImportKind, file: string, options: ImportOptions): Promise<void> {
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    const source = await openRows(file, kind)
    const api = await createApi(options, stopping.signal)
    const state = await beginState(
      file,
      { kind, topic: options.topic ?? null, url: api.url },
      options,
    )
    const path = options.refused ?? file.replace(/(\.[^./\\]+)?$/, '.refused$1')
    const refused = await openRefused(path, source, state.refusedLength)
    try {
      await importRows({ file, source, api, refused, state }, options, stopping.signal)
    } finally {
      await refused.close()
    }
    await removeState(file)
    tellEnd(state, refused.path, options)
  } catch (error) {
    if (!stopping.signal.aborted) throw error
    say('Stopped. The same command goes on where it was.')
    throw new Failed(130)
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}

async function beginState(
  file: string,
  what: Pick<ImportState, 'kind' | 'topic' | 'url'>,
  { restart = false }: ImportOptions,
): Promise<ImportState> {
  const before = restart ? null : await readState(file, what)
  if (!before) return { ...what, line: 0, counts: { ...noCounts }, refusedLength: 0 }
  say(`Going on after line ${before.line.toLocaleString('en')} (--restart begins anew).`)
  return before
}

type Import = { file: string; source: Source; api: Api; refused: RefusedFile; state: ImportState }

async function importRows(
  { file, source, api, refused, state }: Import,
  { json = false }: ImportOptions,
  stop: AbortSignal,
): Promise<void> {
  const { kind, topic, counts } = state
  const progress = createProgress(json)
  try {
    for await (const rows of batches(source.rows, state)) {
      stop.throwIfAborted()
      const taken = await sendBatch(api, { kind, topic, rows })
      // The rows first: a run that dies in between writes them once more, over these.
      state.refusedLength = await refused.add(taken.refused)
      state.line = rows.at(-1)!.line
      counts.rows += rows.length
      counts.refused += taken.refused.length
      for (const name of ['created', 'updated', 'added'] as const) counts[name] += taken[name]
      await writeState(file, state)
      const share = source.size === 0 ? 1 : source.position() / source.size
      progress.tell({ share, rows: counts.rows, refused: counts.refused })
    }
  } finally {
    progress.end()
  }
}

/** The rows still to do, in batches that the API takes: of a person who comes twice the later row counts. */
async function* batches(
  rows: AsyncIterable<Row>,
  { kind, line }: ImportState,
): AsyncGenerator<Row[]> {
  let batch: Row[] = []
  let ids = new Set<unknown>()
  let characters = 0
  for await (const row of rows) {
    if (row.line <= line) continue
    const id = kind === 'subscribers' && 'value' in row ? row.value.id : undefined
    const size = JSON.stringify(row.source).length
    const isFull = batch.length === batchRows || characters + size > batchCharacters || ids.has(id)
    if (isFull && batch.length > 0) {
      yield batch
      ;[batch, ids, characters] = [[], new Set(), 0]
    }
    batch.push(row)
    if (id !== undefined) ids.add(id)
    characters += size
  }
  if (batch.length > 0) yield batch
}

function tellEnd(
  { kind, topic, counts }: ImportState,
  refusedPath: string,
  { json = false }: ImportOptions,
): void {
  const { refused, ...rest } = counts
  const file = refused > 0 ? refusedPath : null
  if (json) printJson({ ...rest, refused, refused_file: file })
  else {
    const number = (count: number) => count.toLocaleString('en')
    const parts = [
      ...(kind === 'subscribers'
        ? [`${number(counts.created)} created`, `${number(counts.updated)} changed`]
        : []),
      ...(kind === 'members' || topic !== null ? [`${number(counts.added)} new members`] : []),
      `${number(refused)} refused`,
    ]
    print(`${number(counts.rows)} rows: ${parts.join(', ')}`)
    if (file !== null) say(`Refused rows are in ${file}: correct them there, and import that file.`)
  }
  if (refused > 0) throw new Failed()
}
