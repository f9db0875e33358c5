// `belfry hooks`: who is told what becomes of notifications, and a hand on it.
import { Command, Option } from 'commander'
import { resultTypes } from '../domain/result.ts'
import { createApi, type Api, type ApiOptions } from './api.ts'
import { examples, parseListOf, withJoinOptions } from './options.ts'
import { print, printJson, say, styledWords, table } from './output.ts'

export function hooksCommand(): Command {
  const hooks = new Command('hooks').description(
    'List and make outgoing webhooks, try them out, have them told again.',
  )
  const list = new Command('list')
    .description('List the hooks, and how they are.')
    .addHelpText('after', examples('belfry hooks list', 'belfry hooks list --json'))
    .action(listAll)
  const create = new Command('create')
    .description('Make a hook. Its secret is shown once.')
    .argument('<address>', 'where results are sent')
    .option('--types <types>', 'which results, comma separated', parseListOf(resultTypes))
    .option('--description <text>', 'what it is for')
    .addHelpText(
      'after',
      examples(
        'belfry hooks create https://example.com/belfry --types delivery.failed,notification.read',
      ),
    )
    .action(createOne)
  const commands = [list, create, ...withHook()]
  for (const command of commands)
    hooks.addCommand(
      withJoinOptions(command).option(
        '--url <url>',
        'where Belfry answers (default: the one of the data directory)',
      ),
    )
  return hooks
}

function withHook(): Command[] {
  const of = (name: string, description: string, example = '') =>
    new Command(name)
      .description(description)
      .argument('<hook>', 'its id, or its description if no other has it')
      .addHelpText('after', examples(`belfry hooks ${name} "The order service"${example}`))
  return [
    of('test', 'Call a hook once, now, and say what it answered.').action(testOne),
    of('attempts', 'List the last calls of a hook, newest first.').action(showAttempts),
    of('rotate', 'Give a hook another secret. It is shown once.', ' --overlap 2h')
      .option('--overlap <time>', 'so long the old secret signs, too: 24h', '24h')
      .action(rotateOne),
    of('replay', 'Tell a hook again what has ended.', ' --since 2026-11-20T08:00:00Z')
      .option('--message <id>', 'one message')
      .option('--since <time>', 'those made then or later, such as 2027-01-31T08:00:00Z')
      .option('--until <time>', 'those made before')
      .addOption(new Option('--status <status>', 'only those').choices(['failed', 'delivered']))
      .action(replayOne),
    of('enable', 'Let a hook that was switched off go on.').action(enableOne),
  ]
}

type Hook = {
  id: string
  url: string
  description: string
  types: string[] | null
  enabled: boolean
  disabled_reason: string | null
  failing_since: string | null
}

async function listAll(options: ApiOptions): Promise<void> {
  const hooks = await all(await ask(options))
  if (options.json) return printJson({ hooks })
  const rows = hooks.map((hook) => [
    hook.id,
    hook.url,
    hook.description,
    hook.types?.join(',') ?? 'all',
    stateOf(hook),
  ])
  print(table([['ID', 'ADDRESS', 'DESCRIPTION', 'TYPES', 'STATE'], ...rows]))
}

function stateOf({ enabled, disabled_reason, failing_since }: Hook): string {
  if (!enabled) return `off: ${disabled_reason}`
  return failing_since === null ? 'on' : `failing since ${failing_since}`
}

type CreateOptions = ApiOptions & { types?: string[]; description?: string }

async function createOne(address: string, options: CreateOptions): Promise<void> {
  const { types, description } = options
  const body = { url: address, ...(types && { types }), ...(description && { description }) }
  const api = await ask(options)
  const made = await api.ask<Hook & { secret: string }>('POST', '/hooks', body)
  if (options.json) return printJson(made)
  say(styledWords('yellow', 'Keep its secret now: it is never shown again.'))
  print(made.secret)
}

async function rotateOne(wanted: string, options: ApiOptions & { overlap: string }): Promise<void> {
  const api = await ask(options)
  const path = `${await pathOf(api, wanted)}/rotate`
  const { overlap } = options
  const made = await api.ask<Hook & { secret: string }>('POST', path, { overlap })
  if (options.json) return printJson(made)
  say(`For ${overlap} both secrets sign. Keep the new one now: it is never shown again.`)
  print(made.secret)
}

type Tried = { is_ok: boolean; code: string | null; detail: string | null; duration_ms: number }

async function testOne(wanted: string, options: ApiOptions): Promise<void> {
  const api = await ask(options)
  const tried = await api.ask<Tried>('POST', `${await pathOf(api, wanted)}/test`)
  if (options.json) printJson(tried)
  else say(`${tried.is_ok ? 'It took it' : 'It did not take it'}: ${tried.detail ?? tried.code}`)
}

type Replay = { message?: string; since?: string; until?: string; status?: string }

async function replayOne(wanted: string, options: ApiOptions & Replay): Promise<void> {
  const { message, since, until, status } = options
  const api = await ask(options)
  const range = { ...(message && { message_id: message }), since, until, status }
  const path = `${await pathOf(api, wanted)}/replay`
  const answer = await api.ask<{ message: string }>('POST', path, range)
  if (options.json) printJson(answer)
  else say(`${answer.message}.`)
}

type Attempt = {
  message_id: string
  type: string
  number: number
  code: string | null
  detail: string | null
  started_at: string
  next_attempt_at: string | null
}

async function showAttempts(wanted: string, options: ApiOptions): Promise<void> {
  const api = await ask(options)
  const path = `${await pathOf(api, wanted)}/attempts`
  const { attempts } = await api.ask<{ attempts: Attempt[] }>('GET', path)
  if (options.json) return printJson({ attempts })
  const rows = attempts.map((one) => [
    one.started_at,
    one.message_id,
    one.type,
    String(one.number),
    one.detail ?? one.code ?? '',
    one.next_attempt_at ?? '–',
  ])
  print(table([['AT', 'MESSAGE', 'TYPE', 'ATTEMPT', 'ANSWER', 'NEXT'], ...rows]))
}

async function enableOne(wanted: string, options: ApiOptions): Promise<void> {
  const api = await ask(options)
  const hook = await api.ask<Hook>('PATCH', await pathOf(api, wanted), { enabled: true })
  if (options.json) printJson(hook)
  else say(`${hook.description || hook.url} is told what happens from now on.`)
}

function ask(options: ApiOptions): Promise<Api> {
  return createApi(options, new AbortController().signal) // Ctrl-C ends the process
}

async function all(api: Api): Promise<Hook[]> {
  // A workspace has no more than fit on one page.
  return (await api.ask<{ hooks: Hook[] }>('GET', '/hooks')).hooks
}

async function pathOf(api: Api, wanted: string): Promise<string> {
  const hooks = await all(api)
  const found = hooks.filter(({ id, description }) => id === wanted || description === wanted)
  if (found.length === 1) return `/hooks/${found[0]!.id}`
  throw new Error(
    found.length === 0
      ? `No hook has this id or description: ${wanted}. See: belfry hooks list`
      : `Several hooks are described as ${wanted}. Give the id of one: belfry hooks list`,
  )
}
