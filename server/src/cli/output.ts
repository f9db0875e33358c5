// What commands print: data to stdout, words to stderr. Colours only where a terminal shows them.
import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** Data, for people and for pipes. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Data for programs: one JSON value on one line. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

/** Words beside the data. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** For text that goes to stdout. NO_COLOR and pipes are respected. */
export function styled(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout })
}

export function styledWords(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stderr })
}

/** Columns as wide as their longest cell, two spaces apart. */
export function table(rows: string[][]): string {
  const widths: number[] = []
  for (const row of rows)
    row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)))
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/**
 * Whoever reads may go away (`belfry tail | head`, a log collector that is restarted): what is printed
 * then is lost, and nothing else. Unheard, the error would end the process where it stands.
 */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') process.exitCode = 1 // a full disk: the output is not whole
    })
}
