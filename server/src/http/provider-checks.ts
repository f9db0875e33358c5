// Checks on the settings of a provider, against its kind.
import type { Context } from '../context.ts'
import type { CarriedChannel } from '../domain/channel.ts'
import { didYouMean } from '../domain/nearest.ts'
import { ApiError, type FieldError } from '../errors.ts'
import {
  findProviderKind,
  listProviderKinds,
  settingsProblems,
  splitSettings,
  type Settings,
} from '../provider-settings.ts'
import { createChecker } from './validation.ts'

type Configured = Pick<Context, 'config'>
export type Kind = NonNullable<ReturnType<typeof findProviderKind>>

/** @throws ApiError `invalid_request` for a kind that does not carry the channel. */
export function kindOf(ctx: Configured, channel: CarriedChannel, name: string): Kind {
  const kind = findProviderKind(channel, name)
  const isRefused = kind?.kind === 'sandbox' && ctx.config.env === 'production'
  if (kind && !isRefused) return kind

  const possible = listProviderKinds().filter((one) => one.channels.includes(channel))
  const names = possible.map((one) => one.kind)
  const detail = isRefused
    ? 'is refused in production: it sends nothing.'
    : `must be one of ${names.join(', ')} for ${channel}.${didYouMean(name, names)}`
  throw new ApiError('invalid_request', { errors: [{ pointer: '/kind', detail }] })
}

const checkers = new WeakMap<object, (settings: unknown) => FieldError[]>()

/** @throws ApiError `invalid_provider_settings` */
export function checkSettings(ctx: Configured, kind: Kind, settings: Settings): void {
  const check = checkers.get(kind) ?? createChecker(kind.settings)
  checkers.set(kind, check)
  const misfits = check(settings)
  const problems = misfits.length > 0 ? misfits : settingsProblems(ctx, kind, settings)
  if (problems.length === 0) return
  const errors = problems.map(({ pointer, detail }) => ({ pointer: `/settings${pointer}`, detail }))
  throw new ApiError('invalid_provider_settings', {
    detail: errors.map(({ pointer, detail }) => `${pointer} ${detail}`).join(' '),
    errors,
  })
}

/**
 * A secret goes only where it was meant to go: who moves a provider must know it.
 *
 * @throws ApiError `invalid_request`
 */
export function refuseLeak({ sends }: Kind, before: Settings, given: Settings): void {
  if (!sends) return
  const moved = sends.to.filter(
    (name) => name in given && JSON.stringify(given[name]) !== JSON.stringify(before[name]),
  )
  if (moved.length === 0) return
  const errors = sends.secrets
    .filter((name) => before[name] !== undefined && !(name in given))
    .map((name) => ({
      pointer: `/settings/${name}`,
      detail: `must be given again, or null: ${moved.join(', ')} changes where it is sent.`,
    }))
  if (errors.length > 0) throw new ApiError('invalid_request', { errors })
}

/** The columns that settings are kept in. */
export function splitChecked(
  ctx: Context,
  kind: Kind,
  given: { workspaceId: number; id: string; settings: Settings },
): { settings: Settings; secrets: Buffer | null } {
  const { shown, secrets } = splitSettings(ctx.secrets, kind, given)
  return { settings: shown, secrets }
}
