// What Telegram tells of those who write to a bot: that somebody wants its messages, by a link of ours or again, and that
// somebody wants no more. It shows the secret that was given with the address (setWebhook).
// @see https://core.telegram.org/bots/api#setwebhook and #update
// @see https://core.telegram.org/bots/features#deep-linking
import { hash, timingSafeEqual } from 'node:crypto'
import type { Receipt } from '../../domain/receipt.ts'
import { memberText } from '../http-api.ts'
import { forged, genuine, jsonOf, noJson, receiptOf, type Receipts } from '../receipts.ts'

export const telegramReceipts: Receipts = {
  setting: 'webhook_secret',
  read({ headers, body }, settings) {
    const given = headers['x-telegram-bot-api-secret-token'] ?? ''
    const digest = (text: string) => hash('sha256', text, 'buffer')
    if (!timingSafeEqual(digest(given), digest(String(settings['webhook_secret']))))
      return forged('It does not show the secret of the webhook.')
    const json = jsonOf(body)
    return json === undefined ? noJson : genuine(receiptFrom(json))
  },
  answer({ address, isLinked }, settings) {
    const text = isLinked
      ? (settings['linked_text'] ?? 'Connected: your messages come here. /stop ends them.')
      : (settings['expired_text'] ?? 'This link is over. Please ask for a new one.')
    // @see https://core.telegram.org/bots/faq#how-can-i-make-requests-in-response-to-updates
    return { method: 'sendMessage', chat_id: address, text }
  },
}

function receiptFrom(update: unknown): Receipt | null {
  const id = memberText(update, 'update_id') ?? ''
  const isPrivate = memberText(update, 'message', 'chat', 'type') === 'private'
  if (isPrivate) return saidTo(id, update)
  const address = memberText(update, 'my_chat_member', 'chat', 'id')
  const status = memberText(update, 'my_chat_member', 'new_chat_member', 'status') ?? ''
  if (address === undefined) return null
  if (status === 'kicked' || status === 'left') return receiptOf({ id, kind: 'stopped', address })
  return receiptOf({ id, kind: 'started', address })
}

const command = /^\/(start|stop)(?:@\w+)?(?: +([\w-]{1,64}))? *$/

/** In a chat with one person alone: what is personal is not for groups. */
function saidTo(id: string, update: unknown): Receipt | null {
  const address = memberText(update, 'message', 'chat', 'id')
  const [, word, link] = command.exec(memberText(update, 'message', 'text') ?? '') ?? []
  if (word === undefined) return null
  if (word === 'stop') return receiptOf({ id, kind: 'stopped', address })
  if (link === undefined) return receiptOf({ id, kind: 'started', address })
  const receipt = receiptOf({ id, kind: 'linked', address })
  return receipt && { ...receipt, link }
}
