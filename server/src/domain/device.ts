// Push goes to devices, each of which only the service of its maker reaches.

export const devices = ['fcm', 'apns', 'web'] as const
export type Device = (typeof devices)[number]

/**
 * What a push address that came without its kind is: subscriptions of browsers are JSON, Apple's tokens are hex
 * digits and nothing else, and Firebase's have a colon in them.
 */
export function deviceOf(address: string): Device {
  if (address.startsWith('{')) return 'web'
  return /^[0-9a-f]{64,200}$/i.test(address) ? 'apns' : 'fcm'
}
