// `belfry cancel`, `force` and `retry`: what POST /notifications/{id}/cancel does, of an event, of a thread, or of
// whatever filters find.
import { Command, Option } from 'commander'
import { channels } from '../domain/channel.ts'
import { statuses } from '../domain/status.ts'
import { createApi, type ApiOptions, type Problem } from './api.ts'
import { UsageError } from './failure.ts'
import { examples, withJoinOptions } from './options.ts'
import { print, printJson } from './output.ts'

const descriptions = {
  cancel: 'Stop what has not begun: a notification, an event, a thread, or what filters find.',
  force: 'Send now what waits: a notification, an event, a thread, or what filters find.',
  retry: 'Try again what failed: a notification, an event, a thread, or what filters find.',
}

type Act = keyof typeof descriptions

type ActOptions = ApiOptions & {
  event?: string
  thread?: string
  to?: string
  type?: string
  channel?: string
  status?: string
  timezone?: string
  since?: string
  until?: string
  dryRun?: boolean
}

export function actCommands(): Command[] {
  return [actCommand('cancel'), actCommand('force'), actCommand('retry')]
}

function actCommand(act: Act): Command {
  const command = new Command(act)
    .description(descriptions[act])
    .argument('[notification]', 'its id')
    .option('--event <id>', 'everything of an event; with other filters, only what they find of it')
    .option('--thread <key>', 'everything of a thread; with other filters, as above')
    .option('--to <who>', "filter: a recipient's id")
    .option('--type <type>', 'filter: an event type')
    .addOption(new Option('--channel <channel>', 'filter').choices(channels))
    .addOption(new Option('--status <status>', 'filter').choices(['pending', ...statuses]))
    .option('--timezone <name>', 'filter: an IANA name')
    .option('--since <time>', 'filter: made then or later, such as 2027-01-31T08:00:00Z')
    .option('--until <time>', 'filter: made before')
    .option('--dry-run', 'only count what it would come to')
    .option('--url <url>', 'where Belfry answers (default: the one of the data directory)')
    .addHelpText(
      'after',
      examples(
        `belfry ${act} 0198c0de-0000-7000-8000-000000000000`,
        `belfry ${act} --thread order:1001`,
        `belfry ${act} --type order.shipped --status ${act === 'retry' ? 'failed' : 'pending'} --dry-run`,
      ),
    )
    .action((id: string | undefined, options: ActOptions) => actOn(act, id, options))
  return withJoinOptions(command)
}

type Answer = { message: string; [name: string]: unknown }

async function actOn(act: Act, id: string | undefined, options: ActOptions): Promise<void> {
  const { path, body } = requestOf(act, id, options)
  const api = await createApi(options, new AbortController().signal) // Ctrl-C ends the process
  const asked = await api.tryAsking<Answer>('POST', path, body)
  if ('problem' in asked) throw new Error(inWords(asked.problem))
  if (options.json) printJson(asked.answer)
  else print(toText(asked.answer))
}

function inWords({ detail, errors }: Problem): string {
  const misfits = errors.map((one) => `${one.pointer} ${one.detail}`)
  return misfits.length > 0 ? misfits.join('\n  ') : detail
}

/** @throws UsageError when nothing is named, or two things. */
function requestOf(act: Act, id: string | undefined, options: ActOptions) {
  const { event, thread, to, type, channel, status, timezone, since, until, dryRun } = options
  const others = { recipient_id: to, type, channel, status, timezone, since, until }
  const filters = Object.entries({ event_id: event, thread_key: thread, ...others }).filter(
    ([, value]) => value !== undefined,
  )
  if (id !== undefined) {
    if (filters.length > 0 || dryRun) throw new UsageError('An id is enough: no filters with it.')
    return { path: `/notifications/${encodeURIComponent(id)}/${act}` }
  }
  if (filters.length === 0) throw new UsageError(`Say what to ${act}: an id, or filters.`)
  if (filters.length === 1 && !dryRun) {
    if (event !== undefined) return { path: `/events/${encodeURIComponent(event)}/${act}` }
    if (thread !== undefined) return { path: `/threads/${encodeURIComponent(thread)}/${act}` }
  }
  const body = { ...Object.fromEntries(filters), dry_run: dryRun ?? false }
  return { path: `/notifications/${act}`, body }
}

/** `Event cancelled: 3 cancelled, 0 in flight, 1 done`. Of one notification there is nothing to count. */
function toText({ message, ...rest }: Answer): string {
  const counts = Object.entries(rest).filter(([, value]) => typeof value === 'number')
  if (counts.length < 2) return message
  const told = counts.map(([name, value]) => `${String(value)} ${name.replace('_', ' ')}`)
  return `${message}: ${told.join(', ')}`
}
