// The rows of a file to import, one by one, without ever holding the whole file.
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { CsvError, parse } from 'csv-parse'
import { didYouMean } from '../domain/nearest.ts'
import { singleChannels } from '../domain/subscriber.ts'
import { UsageError } from './failure.ts'
import { withoutFormulaMark } from './import-cells.ts'

export type ImportKind = 'subscribers' | 'members'
export type Format = 'csv' | 'ndjson'

/** A row of the file: what it says, or what is wrong with it. `source` is the row as it was read. */
export type Row = { line: number; source: string[] | string } & (
  { value: Record<string, unknown> } | { problem: string }
)

export type Source = {
  size: number // in bytes
  format: Format
  /** The names of the columns; empty for NDJSON. */
  header: string[]
  delimiter: string
  /** How far it has been read, in bytes. */
  position: () => number
  rows: AsyncIterable<Row>
}

const longestRow = 256 * 1024
const bufferSize = 64 * 1024
/** Columns of a file of refused rows: passed over, so that it can be imported once it is corrected. */
export const refusedColumns = ['refused_line', 'refused_reason']

/** @throws UsageError for a file that cannot be read, or that has columns which mean nothing. */
export async function openRows(file: string, kind: ImportKind): Promise<Source> {
  const { size } = await stat(file)
  const format = /\.(ndjson|jsonl|json)$/i.test(file) ? 'ndjson' : 'csv'
  let read = 0
  const chunks = decoded(file, (bytes) => (read += bytes))
  const position = () => read
  if (format === 'ndjson')
    return { size, format, header: [], delimiter: '', position, rows: jsonRows(chunks) }

  const delimiter = await delimiterOf(file)
  const header = await headerOf(file, delimiter)
  const columns = columnsOf(header, kind)
  return { size, format, header, delimiter, position, rows: csvRows(chunks, delimiter, columns) }
}

/** @throws Error for what is not UTF-8: read as if it were, names would silently be spoiled. */
async function* decoded(file: string, onBytes: (count: number) => void): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const decode = (bytes?: Buffer) => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined })
    } catch (error) {
      throw new Error(`${file} is not UTF-8. Save it as "CSV UTF-8".`, { cause: error })
    }
  }
  for await (const bytes of createReadStream(file, { highWaterMark: bufferSize })) {
    yield decode(bytes as Buffer)
    onBytes((bytes as Buffer).length)
  }
  yield decode()
}

/** Whichever of comma, semicolon and tab comes most often in the first line. */
async function delimiterOf(file: string): Promise<string> {
  await using handle = await open(file)
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(bufferSize), 0, bufferSize, 0)
  const [line = ''] = buffer.toString('utf8', 0, bytesRead).split(/[\r\n]/, 1)
  const count = (delimiter: string) => line.split(delimiter).length
  return [',', ';', '\t'].toSorted((a, b) => count(b) - count(a))[0]!
}

const csvOptions = (delimiter: string) => ({
  bom: true,
  delimiter,
  info: true as const,
  max_record_size: longestRow, // a quote that is never closed would take in the rest of the file
  relax_column_count: true, // told for each row by itself
  relax_quotes: true,
  skip_empty_lines: true,
})

type CsvRow = { record: string[]; info: { lines: number } }

async function headerOf(file: string, delimiter: string): Promise<string[]> {
  for await (const row of parsed(
    decoded(file, () => {}),
    delimiter,
    { from: 1, to: 1 },
  ))
    return row.record.map((name) => name.trim())
  throw new UsageError(`${file} is empty: the first line must name the columns.`)
}

/** Rows `from` to `to`, counted from 1. */
async function* parsed(
  chunks: AsyncIterable<string>,
  delimiter: string,
  { from, to }: { from: number; to?: number },
): AsyncGenerator<CsvRow> {
  const parser = parse({ ...csvOptions(delimiter), from, ...(to !== undefined && { to }) })
  pipeline(chunks, parser).catch(() => {}) // the parser ends with the error, and tells it below
  let line = from - 1
  try {
    // `info` makes records of this shape.
    for await (const row of parser as AsyncIterable<CsvRow>) {
      line = row.info.lines
      yield row
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw new Error(
      `The row after line ${line} cannot be read: a quote in it is not closed, or it is longer than ${longestRow / 1_024} kB.`,
      { cause: error },
    )
  }
}

type Column = { name: string; set: (value: Record<string, unknown>, cell: string) => void }

const subscriberColumns = ['id', 'email', 'phone', 'locale', 'timezone']
const memberColumns = ['id', 'topic']

/** @throws UsageError naming a column that means nothing, and the nearest that does. */
function columnsOf(header: string[], kind: ImportKind): (Column | null)[] {
  if (!header.includes('id'))
    throw new UsageError(`There is no column "id"; the columns are ${header.join(', ')}.`)
  const twice = header.find((name, i) => header.indexOf(name) !== i)
  if (twice !== undefined) throw new UsageError(`The column "${twice}" comes twice.`)
  return header.map((name) => (refusedColumns.includes(name) ? null : columnOf(name, kind)))
}

function columnOf(name: string, kind: ImportKind): Column {
  const known = kind === 'subscribers' ? subscriberColumns : memberColumns
  if (known.includes(name)) return { name, set: (value, cell) => (value[name] = cell) }
  const [, group, member = ''] = /^(data|addresses)\.(.+)$/.exec(name) ?? []
  const isKnown =
    kind === 'subscribers' && (group === 'data' || singleChannels.some((key) => key === member))
  if (!isKnown || group === undefined) {
    const names =
      kind === 'subscribers'
        ? [...known, ...singleChannels.map((key) => `addresses.${key}`)]
        : known
    const more = kind === 'subscribers' ? ', data.<name>' : ''
    throw new UsageError(
      `The column "${name}" means nothing here.${didYouMean(name, names)} Columns: ${names.join(', ')}${more}.`,
    )
  }
  return {
    name,
    set: (value, cell) =>
      (value[group] = { ...(value[group] as object | undefined), [member]: cell }),
  }
}

/** An empty cell says nothing: what is stored stays. */
async function* csvRows(
  chunks: AsyncIterable<string>,
  delimiter: string,
  columns: (Column | null)[],
): AsyncGenerator<Row> {
  const isCorrected = columns.includes(null)
  for await (const { record, info } of parsed(chunks, delimiter, { from: 2 })) {
    const row = { line: info.lines, source: record }
    if (record.length !== columns.length) {
      yield {
        ...row,
        problem: `has ${record.length} cells, and there are ${columns.length} columns`,
      }
      continue
    }
    const value: Record<string, unknown> = {}
    columns.forEach((column, i) => {
      const cell = isCorrected ? withoutFormulaMark(record[i]!) : record[i]!
      if (column && cell.trim() !== '') column.set(value, cell.trim())
    })
    yield { ...row, value }
  }
}

async function* jsonRows(chunks: AsyncIterable<string>): AsyncGenerator<Row> {
  let line = 0
  for await (const text of linesOf(chunks)) {
    line++
    if (text.trim() !== '') yield { line, source: text, ...readJson(text) }
  }
}

function readJson(text: string): { value: Record<string, unknown> } | { problem: string } {
  if (text.length > longestRow) return { problem: `is longer than ${longestRow / 1_024} kB` }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { problem: 'is not a JSON object' }
    const known = Object.entries(value).filter(([name]) => !refusedColumns.includes(name))
    return { value: Object.fromEntries(known) }
  } catch (error) {
    return { problem: `is not JSON: ${(error as Error).message}` }
  }
}

/** A line that is too long comes cut: long enough to be refused, short enough to be held. */
async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of chunks) {
    const parts = (rest + chunk).split('\n')
    rest = parts.pop()!.slice(0, longestRow + 1)
    for (const part of parts) yield part.replace(/^\uFEFF|\r$/g, '')
  }
  if (rest !== '') yield rest
}
