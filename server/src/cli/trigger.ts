// `belfry trigger`: says that something happened, as POST /events does.
import { text as readText } from 'node:stream/consumers'
import { Command } from 'commander'
import type { To } from '../pipeline/accept.ts'
import { UsageError } from './failure.ts'
import { jsonProblem } from './json-problem.ts'
import { withWorkspace } from './join-command.ts'
import { examples, gather, withWorkspaceOptions, type WorkspaceOptions } from './options.ts'
import { tellStored, waitMeaning, type StoredOptions } from './stored.ts'

const mostRecipients = 1_000
const largestParams = 256 * 1024

export function triggerCommand(): Command {
  const trigger = new Command('trigger')
    .description('Say that something happened. Belfry finds out who hears about it.')
    .argument('<type>', 'a registered event type')
    .argument('[params]', 'its parameters as a JSON object; - reads them from stdin', '{}')
    .option('--to <who>', "a subscriber's id, or topic:<key>; may be repeated", gather)
    .option('--wait', waitMeaning)
    .addHelpText(
      'after',
      examples(
        `belfry trigger order.shipped '{"order":"A-1001"}' --to ana`,
        'belfry trigger deploy.finished --to topic:engineers --wait',
        'jq -n "{order: 42}" | belfry trigger order.shipped - --to ana --json',
      ),
    )
    .action(triggerEvent)
  return withWorkspaceOptions(trigger)
}

type TriggerOptions = WorkspaceOptions & StoredOptions & { to?: string[] }

async function triggerEvent(type: string, given: string, options: TriggerOptions): Promise<void> {
  const params = parseParams(given === '-' ? await readText(process.stdin) : given)
  const to = options.to?.map(recipientOf)
  if (to && to.length > mostRecipients)
    throw new UsageError(`--to names ${to.length} recipients; ${mostRecipients} are the most.`)

  await withWorkspace(options, async (joined, stop) => {
    const { checkEvent, storeEvents } = await import('../pipeline/accept.ts')
    const accepting = { workspaceId: joined.workspaceId, traceparent: null }
    const request = { type, params, ...(to && { to }) }
    const checked = await checkEvent(joined.ctx, accepting, request)
    await storeEvents(joined.ctx, [checked], null)
    await tellStored(joined, { eventId: checked.event.id }, options, stop)
  })
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
