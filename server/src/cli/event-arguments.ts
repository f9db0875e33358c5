// What is said about an event on the command line: its parameters, and who hears about it.
import { text as readText } from 'node:stream/consumers'
import type { To } from '../pipeline/accept.ts'
import { UsageError } from './failure.ts'
import { jsonProblem } from './json-problem.ts'

const mostRecipients = 1_000
const largestParams = 256 * 1024

/** A JSON object; `-` reads it from stdin. @throws UsageError */
export async function readParams(given: string): Promise<Record<string, unknown>> {
  return parseParams(given === '-' ? await readText(process.stdin) : given)
}

/** The values of `--to`. @throws UsageError */
export function recipientsOf(to: string[] | undefined): { to?: To[] } {
  if (to && to.length > mostRecipients)
    throw new UsageError(`--to names ${to.length} recipients; ${mostRecipients} are the most.`)
  return to ? { to: to.map(recipientOf) } : {}
}

function parseParams(text: string): Record<string, unknown> {
  if (text.length > largestParams)
    throw new UsageError(
      `The parameters have ${text.length} characters; ${largestParams} are the most.`,
    )
  const problem = jsonProblem(text)
  if (problem !== null) throw new UsageError(`The parameters are not JSON: ${problem}`)
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError('The parameters must be a JSON object: {"order":"A-1001"}')
  // PostgreSQL's JSON has no room for it.
  if (JSON.stringify(value).includes('\\u0000'))
    throw new UsageError('The parameters contain the character U+0000, which cannot be stored.')
  return value as Record<string, unknown>
}

function recipientOf(who: string): To {
  if (who.trim() === '' || who.length > 255)
    throw new UsageError('--to takes 1 to 255 characters: an id, or topic:<key>.')
  return who.startsWith('topic:') ? { topic: who.slice('topic:'.length) } : who
}
