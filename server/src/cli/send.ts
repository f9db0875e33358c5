// `belfry send`: a message to one person or address, without an event type.
import { Argument, Command } from 'commander'
import { channels, type Channel } from '../domain/channel.ts'
import { UsageError } from './failure.ts'
import { withWorkspace } from './join-command.ts'
import { examples, withWorkspaceOptions, type WorkspaceOptions } from './options.ts'
import { tellStored, waitMeaning, type StoredOptions } from './stored.ts'

const longestText = 20_000
const longestSubject = 998

export function sendCommand(): Command {
  const send = new Command('send')
    .description('Send a message to a subscriber, or to an address.')
    .addArgument(new Argument('<channel>', 'how').choices(channels))
    .argument('<to>', "a subscriber's id, or an address of the channel")
    .argument('<text>', 'what to say')
    .option('--subject <subject>', 'the subject of an e-mail')
    .option('--wait', waitMeaning)
    .addHelpText(
      'after',
      examples(
        'belfry send email ana@example.com "The build is green" --subject "CI"',
        'belfry send in_app ana "Welcome" --wait',
        'belfry send webhook https://example.com/hook "Hello" --json',
      ),
    )
    .action(sendMessage)
  return withWorkspaceOptions(send)
}

type SendOptions = WorkspaceOptions & StoredOptions & { subject?: string }

async function sendMessage(
  channel: Channel,
  to: string,
  text: string,
  options: SendOptions,
): Promise<void> {
  checkText('<text>', text, longestText)
  checkText('<to>', to, 2_048)
  if (options.subject !== undefined) checkText('--subject', options.subject, longestSubject)
  await withWorkspace(options, async (joined, stop) => {
    const { ctx } = joined
    const { notify } = await import('../pipeline/notify.ts')
    const { withTextsAhead } = await import('../pipeline/texts-ahead.ts')
    const accepting = { workspaceId: joined.workspaceId, traceparent: null }
    const request = {
      to: [to],
      channels: [channel],
      body: text,
      ...(options.subject !== undefined && { subject: options.subject }),
    }
    const own = ctx.in(joined.workspaceId)
    const stored = await withTextsAhead(own, (texts) =>
      ctx.db.transaction((tx) =>
        notify(own, tx, accepting, request, { takesAddresses: true, texts }),
      ),
    )
    await tellStored(joined, stored, options, stop)
  })
}

function checkText(name: string, text: string, longest: number): void {
  if (text.trim() === '') throw new UsageError(`${name} is empty.`)
  if (text.length > longest)
    throw new UsageError(`${name} has ${text.length} characters; ${longest} are the most.`)
}
