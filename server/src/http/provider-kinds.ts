// The kinds of providers: what each needs, and what it takes.
import { Type } from 'typebox'
import { listProviderKinds } from '../provider-settings.ts'
import type { App } from './app.ts'

const KindView = Type.Object({
  kind: Type.String(),
  title: Type.String(),
  channels: Type.Array(Type.String()),
  settings: Type.Unknown({ description: 'A JSON Schema.' }),
  secrets: Type.Array(Type.String(), {
    description: 'Settings that are encrypted and never shown.',
  }),
  limits: Type.Array(
    Type.Object({
      what: Type.String(),
      most: Type.Integer(),
      unit: Type.Enum(['characters', 'bytes']),
    }),
    { description: 'What it takes of one message; longer ones are refused before it is asked.' },
  ),
  knows_keys_for_seconds: Type.Union([Type.Integer(), Type.Null()], {
    description: 'How long it drops a message that it has seen before; null: it does not.',
  }),
  receipts_setting: Type.Union([Type.String(), Type.Null()], {
    description:
      'The setting with which the vendor is heard at POST /receipts/{provider_id}; null: there is no such thing.',
  }),
  can_retract: Type.Boolean({
    description:
      'Whether a newer message of a thread takes back what it has delivered, as in the in-app feed.',
  }),
})

export function providerKindRoutes(app: App): void {
  const schema = {
    summary: 'List the kinds of providers and what they need',
    operationId: 'listProviderKinds',
    tags: ['Configure'],
    response: { 200: Type.Object({ provider_kinds: Type.Array(KindView), count: Type.Integer() }) },
  }
  app.get('/provider-kinds', { schema, config: { scope: 'config:read' } }, () => {
    const kinds = listProviderKinds().map(
      ({ kind, title, channels, settings, secrets, ...more }) => ({
        kind,
        title,
        channels: [...channels],
        settings,
        secrets: [...secrets],
        limits: [...(more.limits ?? [])],
        knows_keys_for_seconds: more.knowsKeysMs === undefined ? null : more.knowsKeysMs / 1_000,
        receipts_setting: more.receipts?.setting ?? null,
        can_retract: more.canRetract ?? false,
      }),
    )
    return { provider_kinds: kinds, count: kinds.length }
  })
}
