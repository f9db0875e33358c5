// The ways a person can be reached.

export const channels = [
  'in_app',
  'email',
  'sms',
  'push',
  'telegram',
  'slack',
  'discord',
  'teams',
  'webhook',
] as const

export type Channel = (typeof channels)[number]

/** Channels that a provider carries; in-app is a row in our own database. */
export type CarriedChannel = Exclude<Channel, 'in_app'>

export const carriedChannels = channels.filter((channel) => channel !== 'in_app')
