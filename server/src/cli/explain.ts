// `belfry explain`: who would hear about an event and why, as POST /explain says it; or, of what has
// happened, why each person got it or did not.
import { Command, InvalidArgumentError } from 'commander'
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import { readParams, recipientsOf } from './event-arguments.ts'
import { UsageError } from './failure.ts'
import { withWorkspace } from './join-command.ts'
import { examples, gather, withWorkspaceOptions, type WorkspaceOptions } from './options.ts'
import { print, printJson, say, styled } from './output.ts'

const usualCount = 20
const mostCount = 100

export function explainCommand(): Command {
  const explain = new Command('explain')
    .description('Say who would hear about an event, or did, when, how and why. Sends nothing.')
    .argument('<what>', 'an event type, or the id of an event or a notification')
    .argument('[params]', 'of a type: JSON object, - for stdin; of an event id: a person', '')
    .option('--to <who>', "a subscriber's id, or topic:<key>; may be repeated", gather)
    .option('--limit <count>', `people to show, ${mostCount} at most`, parseLimit, usualCount)
    .addHelpText(
      'after',
      examples(
        `belfry explain order.shipped '{"order":"A-1001"}' --to ana`,
        'belfry explain 0198c0de-0000-7000-8000-000000000000',
        'belfry explain 0198c0de-0000-7000-8000-000000000000 ana --json',
      ),
    )
    .action(explainWhat)
  return withWorkspaceOptions(explain)
}

function parseLimit(text: string): number {
  const count = Number(text)
  if (!/^\d+$/.test(text) || count < 1 || count > mostCount)
    throw new InvalidArgumentError(`Use a number, 1 to ${mostCount}.`)
  return count
}

type ExplainOptions = WorkspaceOptions & { to?: string[]; limit: number }

const idPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

async function explainWhat(what: string, given: string, options: ExplainOptions): Promise<void> {
  const isPast = idPattern.test(what)
  if (isPast && options.to) throw new UsageError('--to is for what has not happened yet.')
  const request = isPast
    ? null
    : { type: what, params: await readParams(given || '{}'), ...recipientsOf(options.to) }
  await withWorkspace(options, async ({ ctx, workspaceId }) => {
    const { limit } = options
    const told = request
      ? await explainRequest(ctx, workspaceId, { request, limit })
      : await explainPast(ctx, workspaceId, { id: what, person: given, limit })
    if (options.json) return printJson(told)
    for (const sentence of told.sentences) print(sentence)
    for (const { recipient_id, sentences } of told.people) {
      print(styled('bold', recipient_id))
      for (const sentence of sentences) print(`  ${sentence}`)
    }
    if (told.has_more) say('There are more people; --limit shows more of them.')
  })
}

async function explainRequest(
  ctx: Context,
  workspaceId: number,
  { request, limit }: { request: { type: string }; limit: number },
) {
  const { checkEvent } = await import('../pipeline/accept.ts')
  const { explain } = await import('../pipeline/explain.ts')
  const { showExplained } = await import('../pipeline/explanation.ts')
  const now = ctx.in(workspaceId).clock.now()
  const accepting = { workspaceId, traceparent: null, acceptedAt: now }
  const checked = await checkEvent(ctx, accepting, request)
  const explained = await explain(ctx, checked, { now, most: limit, cursor: null })
  const has_more = explained.cursor !== null
  return { ...showExplained(checked.event, explained, now), has_more }
}

/** `person` is empty when everybody is meant. */
async function explainPast(
  ctx: Context,
  workspaceId: number,
  { id, person, limit }: { id: string; person: string; limit: number },
) {
  const past = await import('../pipeline/explain-past.ts')
  const { showRememberedPage } = await import('../pipeline/explanation.ts')
  const find = async () => {
    if (person !== '')
      return past.explainToPerson(ctx, workspaceId, { eventId: id, recipient: person })
    const found = await orNull(past.explainNotification(ctx, workspaceId, id))
    return found ?? past.explainEvent(ctx, workspaceId, { eventId: id, after: '', most: limit })
  }
  const page = (await orNull(find())) ?? refuse(id)
  return {
    ...showRememberedPage(page, ctx.in(workspaceId).clock.now()),
    has_more: page.next !== null,
  }
}

async function orNull<T>(finding: Promise<T>): Promise<T | null> {
  try {
    return await finding
  } catch (error) {
    if (error instanceof ApiError && error.code === 'not_found') return null
    throw error
  }
}

function refuse(id: string): never {
  throw new Error(`There is no event and no notification ${id}. See: belfry tail`)
}
