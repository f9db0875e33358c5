// Subscribing to an event type, and leaving it: the `enabled` of preferences as a resource.
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { didYouMean } from '../domain/nearest.ts'
import type { EventTypeSwitches } from '../domain/preferences.ts'
import { ApiError } from '../errors.ts'
import {
  changePreferences,
  showPreferences,
  type ShownPreferences,
} from '../pipeline/preferences.ts'
import type { App } from './app.ts'
import { EventTypeKey } from './event-type-body.ts'
import { Id } from './ids.ts'

const SubscriptionView = Type.Object({
  subscriber_id: Type.String(),
  event_type: Type.String(),
  is_subscribed: Type.Boolean({ description: 'Whether the person hears of it at all.' }),
  is_mandatory: Type.Boolean({ description: 'Critical: it cannot be left.' }),
  channels: Type.Record(Type.String(), Type.Boolean(), {
    description: 'On which of its channels.',
  }),
})

const params = Type.Object({
  id: Id('The id you gave the subscriber.'),
  event_type: EventTypeKey,
})
const path = '/subscribers/:id/subscriptions/:event_type'
const tags = ['Audience']
const read = { scope: 'subscribers:read' } as const
const write = { scope: 'subscribers:write' } as const

export function subscriptionRoutes(app: App, ctx: Context): void {
  const response = { 200: SubscriptionView }
  const get = {
    summary: 'Show whether a subscriber hears of an event type',
    operationId: 'getSubscription',
    tags,
    params,
    response,
  }
  app.get(path, { schema: get, config: read }, async ({ workspaceId, params }) =>
    show(await showPreferences(ctx, workspaceId, params.id), params.event_type),
  )

  const put = {
    summary: 'Subscribe to an event type',
    description:
      'Needed for event types with `opt_in`; undoes an unsubscription of any other. Channels that ' +
      'were turned off stay off.',
    operationId: 'putSubscription',
    tags,
    params,
    response,
  }
  app.put(path, { schema: put, config: write }, ({ workspaceId, params, keyId }) =>
    change(ctx, { workspaceId, ...params, keyId }, { enabled: true }),
  )

  const leave = {
    summary: 'Unsubscribe from an event type',
    description: 'What was received stays. Critical event types cannot be left.',
    operationId: 'deleteSubscription',
    tags,
    params,
    response,
  }
  app.delete(path, { schema: leave, config: write }, ({ workspaceId, params, keyId }) =>
    change(ctx, { workspaceId, ...params, keyId }, { enabled: false }),
  )
}

type Target = { workspaceId: number; id: string; event_type: string; keyId: string }

async function change(ctx: Context, target: Target, switches: EventTypeSwitches) {
  const { workspaceId, id: subscriberId, event_type: key, keyId } = target
  show(await showPreferences(ctx, workspaceId, subscriberId), key) // both are known
  const by = { kind: 'key', keyId } as const
  const patch = { event_types: { [key]: switches } }
  await changePreferences(ctx, { workspaceId, subscriberId, by }, patch)
  return show(await showPreferences(ctx, workspaceId, subscriberId), key)
}

/** @throws ApiError `not_found` */
function show({ subscriberId, document, effective }: ShownPreferences, key: string) {
  const found = effective.find((candidate) => candidate.key === key)
  if (!found) {
    const known = effective.map((candidate) => candidate.key)
    throw new ApiError('not_found', {
      detail: `There is no event type "${key}".${didYouMean(key, known)}`,
    })
  }
  const { isMandatory, isOptIn, decisions } = found
  const enabled = document.event_types?.[key]?.enabled ?? !isOptIn
  return {
    subscriber_id: subscriberId,
    event_type: key,
    is_subscribed: isMandatory || enabled,
    is_mandatory: isMandatory,
    channels: Object.fromEntries(
      decisions.map(({ channel, decision }) => [channel, decision.isOn]),
    ),
  }
}
