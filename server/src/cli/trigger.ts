// `belfry trigger`: says that something happened, as POST /events does.
import { Command } from 'commander'
import { readParams, recipientsOf } from './event-arguments.ts'
import { withWorkspace } from './join-command.ts'
import { examples, gather, withWorkspaceOptions, type WorkspaceOptions } from './options.ts'
import { tellStored, waitMeaning, type StoredOptions } from './stored.ts'

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
  const request = { type, params: await readParams(given), ...recipientsOf(options.to) }
  await withWorkspace(options, async (joined, stop) => {
    const { checkEvent, storeEvents } = await import('../pipeline/accept.ts')
    const accepting = { workspaceId: joined.workspaceId, traceparent: null }
    const checked = await checkEvent(joined.ctx, accepting, request)
    await storeEvents(joined.ctx, [checked], null)
    await tellStored(joined, { eventId: checked.event.id }, options, stop)
  })
}
