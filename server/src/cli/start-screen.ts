// What `belfry start` prints: each step as it is done, then where to go, then how it ended.
import { join } from 'node:path'
import { version } from '../version.ts'
import type { Config } from '../config.ts'
import { defaultWorkspaceId, type System } from '../system.ts'
import { print, printJson, styled } from './output.ts'
import type { StayOptions } from './stay.ts'

export type Screen = {
  header(): void
  step(text: string, ms: number): void
  note(text: string): void
  ready(system: System, plays: StayOptions, ms: number): void
  alreadyRunning(server: { pid: number; url: string }): void
  stopping(busy: number, graceMs: number): void
  stopped(system: System, ranMs: number): Promise<void>
  forced(): void
}

export function createScreen(config: Config, isJson: boolean): Screen {
  return isJson ? jsonScreen(config) : textScreen(config)
}

function textScreen(config: Config): Screen {
  const line = (text = '') => print(text === '' ? '' : `  ${text}`)
  return {
    header() {
      const database = config.databaseUrl
        ? 'PostgreSQL of BELFRY_DATABASE_URL'
        : `data in ${config.dataDir}`
      line(`${styled('bold', `Belfry ${version}`)} · ${config.env} · ${database}`)
    },
    step: (text, ms) =>
      line(`${styled('green', '✓')} ${text.padEnd(52)} ${styled('dim', seconds(ms))}`),
    note: (text) => line(`${styled('yellow', '!')} ${text}`),
    ready(system, plays, ms) {
      line(
        `${styled('green', '✓')} ${`Running: ${tellRoles(plays)}`.padEnd(52)} ${styled('dim', seconds(ms))}`,
      )
      line()
      if (system.metricsUrl !== null)
        line(`Metrics   ${styled('cyan', `${system.metricsUrl}/metrics`)}`)
      if (system.url === null) return line('Ctrl-C stops it.')
      for (const text of welcome(config, system, system.url)) line(text)
    },
    alreadyRunning: ({ pid, url }) => line(`Belfry is already running (pid ${pid}) at ${url}`),
    stopping(busy, graceMs) {
      if (busy === 0) return
      const what = busy === 1 ? '1 delivery' : `${busy} deliveries`
      line(`Stopping: ${what} finishing (at most ${graceMs / 1_000} s); press again to force`)
    },
    async stopped(system, ranMs) {
      const { events, deliveries, failed } = await countSession(system)
      const bad = failed === 0 ? '' : ` (${failed} failed)`
      line(
        `Stopped after ${duration(ranMs)}: ${events} events accepted, ${deliveries} deliveries${bad}`,
      )
    },
    forced: () => line('Stopped at once; what was under way is looked at by the next start'),
  }
}

function jsonScreen(config: Config): Screen {
  return {
    header: () => printJson({ kind: 'start', version, env: config.env, data_dir: config.dataDir }),
    step: (text, ms) => printJson({ kind: 'step', text, duration_ms: Math.round(ms) }),
    note: (text) => printJson({ kind: 'note', text }),
    ready(system, { roles, worker }, ms) {
      const { shown, file } = showKey(config, system)
      printJson({
        kind: 'ready',
        roles,
        ...(worker?.channels && { channels: worker.channels }),
        url: system.url,
        metrics_url: system.metricsUrl && `${system.metricsUrl}/metrics`,
        docs_url: system.url && `${system.url}/docs`,
        api_key: shown,
        api_key_file: file,
        api_key_problem: system.apiKey?.problem ?? null,
        duration_ms: Math.round(ms),
      })
    },
    alreadyRunning: (server) => printJson({ kind: 'already_running', ...server }),
    stopping: (busy) => printJson({ kind: 'stopping', busy }),
    stopped: async (system, ranMs) =>
      printJson({ kind: 'stopped', ran_ms: Math.round(ranMs), ...(await countSession(system)) }),
    forced: () => printJson({ kind: 'forced' }),
  }
}

/** "api, worker (email, sms)". */
function tellRoles({ roles, worker }: StayOptions): string {
  const channels = worker?.channels?.join(', ')
  return roles
    .map((role) => (role === 'worker' && channels ? `worker (${channels})` : role))
    .join(', ')
}

type Welcomed = Pick<System, 'ctx' | 'apiKey'>

export function welcome(config: Config, system: Welcomed, url: string): string[] {
  const { shown, placeholder, where } = showKey(config, system)
  const bearer = `-H "Authorization: Bearer ${shown ?? placeholder}"`
  // A provider would really send it, to an address that is nobody's.
  const isCaught =
    system.ctx.providers.carrying({ workspaceId: defaultWorkspaceId, channel: 'email' })[0]?.kind
      .kind === 'sandbox'
  const message = {
    to: [{ id: 'ana', ...(isCaught && { email: 'ana@example.com' }) }],
    channels: isCaught ? ['in_app', 'email'] : ['in_app'],
    message: 'Hello from Belfry',
  }
  return [
    `API       ${styled('cyan', url)}`,
    `API docs  ${styled('cyan', `${url}/docs`)}`,
    `API key   ${shown ?? masked(system)}  ${styled('dim', where)}`,
    ...keyAdvice(config, system),
    '',
    isCaught
      ? 'Try it: tell Ana, see what became of it, and read the e-mail the sandbox caught.'
      : 'Try it: tell Ana, and see what became of it.',
    '',
    `curl ${url}/notifications ${bearer} \\`,
    `  -H "Content-Type: application/json" -d '${JSON.stringify(message)}'`,
    '',
    `curl "${url}/notifications?recipient_id=ana" ${bearer}`,
    '',
    ...(isCaught ? [`curl ${url}/sandbox/messages ${bearer}`, ''] : []),
  ]
}

/** What to do about a key that is refused. */
function keyAdvice({ apiKey, dataDir }: Config, { apiKey: kept }: Welcomed): string[] {
  if (!kept?.problem) return []
  const place = apiKey === null ? join(dataDir, 'env') : 'BELFRY_API_KEY'
  return [
    `${styled('yellow', '!')} This key is ${kept.problem}: it is refused. Make another one and put it into ${place}:`,
    `  belfry keys create --name default --scopes '*'`,
  ]
}

type ShownKey = {
  shown: string | null // null: not to be shown here
  placeholder: string // what a shell puts the key in for
  where: string
  file: string | null
}

/** The key itself only when it is new, or to the person at a terminal: logs are kept by others. */
function showKey({ apiKey, dataDir }: Config, system: Welcomed): ShownKey {
  if (apiKey !== null)
    return { shown: null, placeholder: '$BELFRY_API_KEY', where: 'from BELFRY_API_KEY', file: null }
  const file = join(dataDir, 'env')
  const isGood = system.apiKey?.problem === null
  const isShown = isGood && (system.apiKey?.isNew || process.stdout.isTTY)
  return {
    shown: isShown ? (system.apiKey?.key ?? null) : null,
    placeholder: `$(cut -d= -f2 '${file}')`,
    where: isShown ? `also in ${file}` : `kept in ${file}`,
    file,
  }
}

function masked({ apiKey }: Welcomed): string {
  return `bf_sk_…${apiKey?.key.slice(-4) ?? ''}`
}

type Session = { events: number; deliveries: number; failed: number }

async function countSession({ ctx }: System): Promise<Session> {
  const { eventsAccepted, deliveries } = ctx.metrics
  const accepted = (await eventsAccepted.get()).values
  const ended = (await deliveries.get()).values
  const sum = (values: { value: number }[]) => values.reduce((total, { value }) => total + value, 0)
  return {
    events: sum(accepted),
    deliveries: sum(ended),
    failed: sum(ended.filter(({ labels }) => labels.outcome === 'failed')),
  }
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`.padStart(7)
}

function duration(ms: number): string {
  const total = Math.round(ms / 1_000)
  const [hours, minutes] = [Math.floor(total / 3_600), Math.floor(total / 60) % 60]
  const parts = [hours && `${hours} h`, minutes && `${minutes} min`, `${total % 60} s`]
  return parts.filter(Boolean).join(' ')
}
