// The file of refused rows: each as it was read, with its line and what is wrong with it, so that it
// can be corrected there and imported again.
import { open, rm, truncate, type FileHandle } from 'node:fs/promises'
import { csvLine } from './import-cells.ts'
import { refusedColumns, type Row, type Source } from './import-rows.ts'

export type Refused = { row: Row; reason: string }

export type RefusedFile = {
  path: string
  /** Its length in bytes, once what was given is on disk. */
  add: (refused: Refused[]) => Promise<number>
  close: () => Promise<void>
}

/** Goes on behind the first `length` bytes; 0 begins anew. The file comes to be with its first row. */
export async function openRefused(
  path: string,
  source: Source,
  length: number,
): Promise<RefusedFile> {
  if (length === 0) await rm(path, { force: true })
  else await truncate(path, length)
  let handle: FileHandle | null = null
  let written = length
  return {
    path,
    async add(refused) {
      if (refused.length === 0) return written
      handle ??= await open(path, 'a', 0o600)
      const lines = refused.map((one) => lineOf(one, source))
      if (written === 0 && source.format === 'csv')
        lines.unshift(
          csvLine([...refusedColumns, ...withoutRefused(source.header, source)], source.delimiter),
        )
      const text = lines.join('')
      await handle.appendFile(text)
      await handle.datasync()
      written += Buffer.byteLength(text)
      return written
    },
    async close() {
      await handle?.close()
    },
  }
}

function lineOf({ row, reason }: Refused, source: Source): string {
  const { line } = row
  if (typeof row.source !== 'string')
    return csvLine([String(line), reason, ...withoutRefused(row.source, source)], source.delimiter)
  const rest = 'value' in row ? row.value : { text: row.source }
  return `${JSON.stringify({ refused_line: line, refused_reason: reason, ...rest })}\n`
}

/** Of a file of refused rows that was imported again: the cells without its own two columns. */
function withoutRefused(cells: string[], { header }: Source): string[] {
  return cells.filter((_, i) => !refusedColumns.includes(header[i] ?? ''))
}
