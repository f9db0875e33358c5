// A person's preferences as a preference centre shows them: choices with names, and which of them
// nobody has. What `<belfry-preferences>` is made of.
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { channels } from '../domain/channel.ts'
import {
  changePreferenceForm,
  findPreferenceForm,
  type PreferenceForm,
} from '../pipeline/preference-form.ts'
import { unknownSubscriber } from '../pipeline/preferences.ts'
import type { App } from './app.ts'
import { PreferencesPatchBody, QuietHours } from './preference-body.ts'

const Channel = Type.Enum(channels)
const nullableText = Type.Union([Type.String(), Type.Null()])

const FormView = Type.Object({
  level: Type.Enum(['standard', 'critical']),
  quiet_hours: Type.Union([QuietHours, Type.Null()]),
  timezone: Type.Union([Type.String(), Type.Null()], { description: 'Null: UTC.' }),
  groups: Type.Array(
    Type.Object({
      name: Type.String({ description: 'What a change calls it.' }),
      title: Type.String(),
      channels: Type.Array(Type.Object({ channel: Channel, is_on: Type.Boolean() })),
    }),
    { description: 'Categories, and event types without one; as they are without the level.' },
  ),
  subscriptions: Type.Array(
    Type.Object({ event_type: Type.String(), title: Type.String(), is_on: Type.Boolean() }),
    { description: 'Event types that are heard only by those who have subscribed.' },
  ),
  mandatory: Type.Array(
    Type.Object({
      event_type: Type.String(),
      title: Type.String(),
      category: nullableText,
      channels: Type.Array(Channel),
    }),
    { description: 'Critical: everybody gets them, and they cannot be turned off.' },
  ),
})

const { level, quiet_hours, timezone } = PreferencesPatchBody.properties
const FormPatch = Type.Object(
  {
    level,
    quiet_hours,
    timezone,
    groups: Type.Optional(
      Type.Record(Type.String(), Type.Record(Type.String(), Type.Boolean()), {
        description: 'By the name of the group and the channel.',
      }),
    ),
    subscriptions: Type.Optional(Type.Record(Type.String(), Type.Boolean())),
  },
  { examples: [{ level: 'standard', quiet_hours: { start: '22:00', end: '08:00' } }] },
)

const tags = ['Me']
const config = { scope: 'me' } as const

export function preferenceFormRoutes(app: App, ctx: Context): void {
  const get = {
    summary: 'Show my preferences as choices',
    operationId: 'getMyPreferenceForm',
    tags,
    response: { 200: FormView },
  }
  app.get('/me/preferences/form', { schema: get, config }, async (request) => {
    const { workspaceId, subscriberId } = request
    const form = await findPreferenceForm(ctx, { workspaceId, subscriberId })
    if (!form) throw unknownSubscriber(subscriberId)
    return showForm(form)
  })

  const patch = {
    summary: 'Change some of my choices',
    description:
      'What is absent stays as it is. A choice about a category holds for all that is in it, whatever ' +
      'was said about single event types before. Answers all choices as they are then.',
    operationId: 'patchMyPreferenceForm',
    tags,
    body: FormPatch,
    response: { 200: FormView },
  }
  app.patch('/me/preferences/form', { schema: patch, config }, async (request) => {
    const { workspaceId, subscriberId, body } = request
    return showForm(await changePreferenceForm(ctx, { workspaceId, subscriberId }, body))
  })
}

function showForm(form: PreferenceForm) {
  return {
    level: form.level,
    quiet_hours: form.quietHours,
    timezone: form.timezone,
    groups: form.groups.map(({ name, title, choices }) => ({
      name,
      title,
      channels: choices.map(({ channel, isOn }) => ({ channel, is_on: isOn })),
    })),
    subscriptions: form.optIns.map(({ key, title, isOn }) => ({
      event_type: key,
      title,
      is_on: isOn,
    })),
    mandatory: form.mandatory.map(({ key, name, category, channels }) => ({
      event_type: key,
      title: name,
      category,
      channels,
    })),
  }
}
