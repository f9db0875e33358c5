// How a command fails: a sentence a person can act on and an exit code. 1: it failed, 2: wrong usage.
import { ConfigError, type Config } from '../config.ts'
import { ApiError, errorCodes } from '../errors.ts'
import { SecretUnreadable } from '../secrets.ts'
import { MigrationError } from '../sql/migrate.ts'
import { databaseProblem } from './database-problem.ts'

/** The command was asked for something it does not understand. */
export class UsageError extends Error {}

/** Everything was said already: only the exit code is left. */
export class Failed extends Error {
  readonly exitCode: number

  constructor(exitCode = 1) {
    super('failed')
    this.exitCode = exitCode
  }
}

export type Told = { text: string; exitCode: number }

/** What to say about an error. Those that nobody foresaw keep their stack, to be reported. */
export function tellError(error: unknown, config: Partial<Config>): Told {
  if (error instanceof UsageError) return { text: error.message, exitCode: 2 }
  if (error instanceof ConfigError) return { text: error.message, exitCode: 2 }
  if (error instanceof ApiError) return { text: tellRefusal(error), exitCode: 1 }
  const problem = databaseProblem(error, config.databaseUrl ?? null)
  if (problem) return { text: [problem.text, problem.fix].join('\n  '), exitCode: 1 }
  if (isForeseen(error)) return { text: error.message, exitCode: 1 }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { text: `This is a mistake in Belfry; please report it.\n${stack}`, exitCode: 1 }
}

/** Errors that were written for people, and those of the system, which name their file or port. */
function isForeseen(error: unknown): error is Error {
  if (!(error instanceof Error)) return false
  if (error instanceof MigrationError || error instanceof SecretUnreadable) return true
  return error.constructor === Error
}

function tellRefusal({ code, message, details }: ApiError): string {
  const { title } = errorCodes[code]
  const fields = (details.errors ?? [])
    .filter(({ detail }) => !message.includes(detail))
    .map(({ pointer, detail }) => `  ${pointer} ${detail}`)
  return [message === title ? `${title}.` : `${title}: ${message}`, ...fields, `  (${code})`].join(
    '\n',
  )
}
