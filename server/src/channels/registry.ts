// Every kind of provider there is.
import type { CarriedChannel } from '../domain/channel.ts'
import { devices } from '../domain/device.ts'
import { discord } from './chat/discord.ts'
import { slack } from './chat/slack.ts'
import { teams } from './chat/teams.ts'
import { telegram } from './chat/telegram.ts'
import { postmark } from './email/postmark.ts'
import { resend } from './email/resend.ts'
import { sendgrid } from './email/sendgrid.ts'
import { ses } from './email/ses.ts'
import { smtp } from './email/smtp.ts'
import type { ProviderKind } from './provider.ts'
import { apns } from './push/apns.ts'
import { fcm } from './push/fcm.ts'
import { webPush } from './push/web-push.ts'
import { sandbox } from './sandbox/sandbox.ts'
import { twilio } from './sms/twilio.ts'
import { vonage } from './sms/vonage.ts'
import { webhook } from './webhook/webhook.ts'

const email = [smtp, postmark, resend, sendgrid, ses]
const sms = [twilio, vonage]
const push = [apns, fcm, webPush]
const chat = [telegram, slack, discord, teams]

export const providerKinds: readonly ProviderKind[] = [
  sandbox,
  ...email,
  ...sms,
  ...push,
  ...chat,
  webhook,
]

export function kindsOf(channel: CarriedChannel): ProviderKind[] {
  return providerKinds.filter(({ channels }) => channels.includes(channel))
}

/** Which of them carry which devices, as `kind device`. */
export const deviceCarriers: readonly string[] = kindsOf('push').flatMap((one) =>
  (one.devices ?? devices).map((device) => `${one.kind} ${device}`),
)

export function findKind(channel: CarriedChannel, kind: string): ProviderKind | null {
  return kindsOf(channel).find((candidate) => candidate.kind === kind) ?? null
}
