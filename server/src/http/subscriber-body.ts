// How a subscriber is written and shown.
import { Type } from 'typebox'
import { devices } from '../domain/device.ts'
import { maxDevices } from '../domain/subscriber.ts'
import { suppressionReasons } from '../domain/suppression.ts'
import type { SubscriberRow } from '../sql/subscribers.ts'
import { Moment } from './ids.ts'

const orNull = (text: string, maxLength: number) =>
  Type.Optional(
    Type.Union([Type.String({ maxLength }), Type.Null()], {
      description: `${text} null removes it.`,
    }),
  )

const address = Type.Union([Type.String({ maxLength: 2_048 }), Type.Null()], {
  description: 'a text, or null to remove it',
})

/** What may be said of a subscriber. Absent fields stay as they are, null removes. */
export const subscriberFields = {
  email: orNull('One address, such as ana@example.com.', 320),
  phone: orNull('With the country: +12025550123. Kept as E.164.', 40),
  locale: orNull('A BCP 47 tag: pt-BR.', 100),
  timezone: orNull('An IANA name: Europe/Lisbon.', 100),
  data: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), {
      description: 'Anything templates may want to say: `{{ subscriber.data.name }}`.',
    }),
  ),
  addresses: Type.Optional(
    Type.Object(
      {
        telegram: Type.Optional(address),
        slack: Type.Optional(address),
        discord: Type.Optional(address),
        teams: Type.Optional(address),
        webhook: Type.Optional(address),
        push: Type.Optional(
          Type.Union(
            [
              Type.Array(
                Type.Object({
                  kind: Type.Enum(devices),
                  token: Type.Unknown({ description: 'A text; for web push the subscription.' }),
                }),
                { maxItems: maxDevices },
              ),
              Type.Null(),
            ],
            { description: 'a list of devices {"kind", "token"}, or null to remove them' },
          ),
        ),
      },
      { description: 'Addresses on other channels; the ones given are replaced.' },
    ),
  ),
}

export const SubscriberView = Type.Object({
  id: Type.String(),
  email: Type.Union([Type.String(), Type.Null()]),
  phone: Type.Union([Type.String(), Type.Null()]),
  locale: Type.Union([Type.String(), Type.Null()]),
  timezone: Type.Union([Type.String(), Type.Null()]),
  data: Type.Record(Type.String(), Type.Unknown()),
  addresses: Type.Record(Type.String(), Type.Unknown()),
  suppressed: Type.Array(
    Type.Object({
      channel: Type.String(),
      address: Type.String(),
      reason: Type.Enum(suppressionReasons, {
        description:
          'Dead, as its provider said; bounced; a complaint of spam; the person said STOP.',
      }),
      code: Type.Union([Type.String(), Type.Null()], { description: "The vendor's word for it." }),
      provider: Type.Union([Type.String(), Type.Null()]),
      at: Moment(),
    }),
    {
      description: 'Those of the addresses that get nothing more, until POST /suppressions/clear.',
    },
  ),
  created_at: Moment(),
  updated_at: Moment(),
})

export function showSubscriber(row: SubscriberRow) {
  const of = (channel: string) =>
    row.addresses.find((kept) => kept.channel === channel)?.address ?? null
  const others = row.addresses.filter(({ channel }) => !['email', 'sms', 'push'].includes(channel))
  const devices = row.addresses
    .filter(({ channel }) => channel === 'push')
    .map(({ kind, address }) => ({ kind, token: kind === 'web' ? parsed(address) : address }))
  return {
    id: row.id,
    email: of('email'),
    phone: of('sms'),
    locale: row.locale,
    timezone: row.timezone,
    data: row.data,
    addresses: {
      ...Object.fromEntries(others.map(({ channel, address }) => [channel, address])),
      ...(devices.length > 0 && { push: devices }),
    },
    suppressed: row.addresses.flatMap(({ channel, address, suppressed }) => {
      if (!suppressed) return []
      const { reason, code, provider, at } = suppressed
      return { channel, address, reason, code, provider, at: new Date(at).toISOString() }
    }),
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  }
}

/** A web push subscription was given as an object, or as a text that need not be JSON. */
function parsed(token: string): unknown {
  return token.startsWith('{') ? JSON.parse(token) : token
}
