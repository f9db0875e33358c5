// The log: JSON lines, or readable lines in a terminal. What varies is a field; contents, addresses
// and credentials are never logged.
import { styleText } from 'node:util'
import { pino } from 'pino'

export type Log = pino.Logger

export type LogOptions = { level: string; isTerminal?: boolean; write?: (line: string) => void }

export function createLog({ level, isTerminal = process.stderr.isTTY, write }: LogOptions): Log {
  const out = write ?? ((line: string) => void process.stderr.write(line))
  const options = { level, base: null, serializers: { err: (error: unknown) => showError(error) } }
  return pino(options, { write: isTerminal ? (line) => out(readable(line)) : out })
}

const deepestCause = 5 // an error may be its own cause

/** Of an error only what is known to be harmless: drivers hang connections, with passwords, on theirs. */
function showError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error))
    return typeof error === 'object' ? 'an object, not an error' : error
  const isShown = depth < deepestCause
  return {
    type: error.name,
    message: error.message,
    ...('code' in error && { code: error.code }),
    ...(error.stack !== undefined && { stack: error.stack }),
    // Without them the error of a host with two addresses says nothing at all.
    ...(error instanceof AggregateError &&
      isShown && { errors: error.errors.map((one) => showError(one, depth + 1)) }),
    ...(error.cause !== undefined && isShown && { cause: showError(error.cause, depth + 1) }),
  }
}

const colours = { 60: 'red', 50: 'red', 40: 'yellow', 30: 'green', 20: 'gray', 10: 'gray' } as const

function readable(line: string): string {
  const { level, time, msg, err, ...fields } = JSON.parse(line) as Record<string, unknown>
  const colour = colours[level as keyof typeof colours] ?? 'gray'
  const clock = new Date(time as number).toISOString().slice(11, 23)
  const rest = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  const stack = (err as { stack?: string } | undefined)?.stack
  const text = [
    styleText('gray', clock),
    styleText(colour, String(msg)),
    styleText('gray', rest.join(' ')),
  ]
  return `${text.join('  ')}${stack ? `\n${stack}` : ''}\n`
}
