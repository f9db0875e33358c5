// `belfry acknowledge`: says that somebody has answered a notification.
import { Command } from 'commander'
import { createApi, type ApiOptions } from './api.ts'
import { examples, withJoinOptions } from './options.ts'
import { print, printJson } from './output.ts'

type Options = ApiOptions & { by?: string }
type Answer = {
  message: string
  acknowledged_at: string
  recipient_id: string | null
  by: string | null
}

export function acknowledgeCommand(): Command {
  const command = new Command('acknowledge')
    .description('Say that a notification was answered: nothing more is sent about it.')
    .argument('<notification>', 'its id')
    .option('--by <who>', 'who answered, if not its recipient')
    .option('--url <url>', 'where Belfry answers (default: the one of the data directory)')
    .addHelpText(
      'after',
      examples(
        'belfry acknowledge 0198c0de-0000-7000-8000-000000000000',
        'belfry acknowledge 0198c0de-0000-7000-8000-000000000000 --by ben',
      ),
    )
    .action(acknowledge)
  return withJoinOptions(command)
}

async function acknowledge(id: string, options: Options): Promise<void> {
  const api = await createApi(options, new AbortController().signal) // Ctrl-C ends the process
  const path = `/notifications/${encodeURIComponent(id)}/acknowledge`
  const body = options.by === undefined ? {} : { by: options.by }
  const answer = await api.ask<Answer>('POST', path, body)
  if (options.json) return printJson(answer)
  const who = answer.by ?? answer.recipient_id ?? 'somebody'
  print(`${answer.message}: by ${who} at ${answer.acknowledged_at}`)
}
