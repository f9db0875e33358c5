// @see https://core.telegram.org/bots/api#update for the form of what is told
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { receiptRequest, receiptVendorSuite } from '../../../test/receipt-vendor.ts'
import { telegram } from './telegram.ts'

const ownSecret = 'a-secret-of-the-webhook'
const chat = { id: 4242, type: 'private', first_name: 'Ana' }
let updates = 0

function written(text: string, more: object = {}) {
  const message = { message_id: 7, from: { id: 4242, is_bot: false }, date: 1, chat, text, ...more }
  return { update_id: ++updates, message }
}
const became = (status: string) => ({
  update_id: ++updates,
  my_chat_member: { chat, date: 1, new_chat_member: { user: { id: 1 }, status } },
})

const code = 'Zm9yIEFuYSBhbG9uZSwgYW5kIG9uY2U_-'
const { read } = receiptVendorSuite<object>({
  kind: telegram,
  settings: { token: '1:x', username: 'acme_bot', webhook_secret: ownSecret },
  send: (report, { secret = ownSecret } = {}) =>
    receiptRequest({
      body: Buffer.from(JSON.stringify(report)),
      headers: {
        'content-type': 'application/json',
        'x-telegram-bot-api-secret-token': secret,
      },
    }),
  without: (request) => ({ ...request, headers: {} }),
  showsPassword: true,
  isTimed: false,
  reports: [
    ['a link', written(`/start ${code}`), { kind: 'linked', address: '4242', link: code }],
    ['a link with the name of the bot', written(`/start@acme_bot ${code}`), { link: code }],
    ['a start without a link', written('/start'), { kind: 'started', address: '4242' }],
    ['/stop', written('/stop'), { kind: 'stopped', address: '4242' }],
    ['who blocks the bot', became('kicked'), { kind: 'stopped', address: '4242' }],
    ['who lets it in again', became('member'), { kind: 'started', address: '4242' }],
    ['a link in a group', written(`/start ${code}`, { chat: { id: -100, type: 'group' } }), null],
    ['what is no code', written('/start <b>'), null],
    ['any other text', written('please /stop'), null],
    ['a picture', { update_id: ++updates, message: { message_id: 8, chat } }, null],
  ],
})

test('a link is answered in the same breath, in words that can be chosen', async () => {
  const { answer } = telegram.receipts!
  const shown = { address: '4242', isLinked: true }

  assert.match(JSON.stringify(answer?.(shown, {})), /"chat_id":"4242","text":"Connected/)
  assert.deepEqual(answer?.({ ...shown, isLinked: false }, { expired_text: 'Zu spät.' }), {
    method: 'sendMessage',
    chat_id: '4242',
    text: 'Zu spät.',
  })
  assert.equal((await read(receiptRequest({ body: Buffer.from('{}') }))).kind, 'forged')
})
