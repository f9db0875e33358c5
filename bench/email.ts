// P3: e-mails per second over SMTP, beside nodemailer alone with the same message to the same server.
import { drained, startBelfry } from './belfry.ts'
import { startChild } from './child.ts'
import type { Mails } from './children/bare-mail.ts'
import { alternate, median, percent, perSecond, showUse, withUse } from './measure.ts'
import type { Measure, Profile, Report } from './measure.ts'
import { addAddresses, addSubscribers, registerType } from './people.ts'

const rounds = 3
const connections = 5 // what the SMTP provider opens unless told otherwise
const atOnce = 16
const target = 0.85

export const email: Measure = { name: 'email', title: 'P3: e-mails per second over SMTP', run }

const source = {
  subject: 'Order A-1001 is on its way',
  body: '# Good news\n\nYour order **A-1001** has left our house and arrives on *Tuesday*.\n\n[Track it](https://shop.example/orders/A-1001)\n',
}

async function run(profile: Profile): Promise<Report> {
  const people = profile === 'quick' ? 4_000 : 30_000
  await using stack = new AsyncDisposableStack()
  const sink = await startChild('children/smtp-sink.ts')
  stack.defer(() => sink.stop())
  const port = await sink.call<number>('port')
  const bare = await startChild('children/bare-mail.ts')
  stack.defer(() => bare.stop())
  const belfry = await startBelfry()
  stack.defer(() => belfry.stop())

  await registerType(belfry, 'order.shipped', 'email')
  await belfry.ask('PUT', '/templates/order.shipped/email/en', source)
  const settings = { host: '127.0.0.1', port, from: 'Shop <shop@example.com>', connections }
  await belfry.ask('POST', '/providers', { channel: 'email', kind: 'smtp', name: 'sink', settings })
  await addSubscribers(belfry, people)
  await addAddresses(belfry, { channel: 'email', before: '', after: '@example.com' })

  const broadcast = async () => {
    await sink.call('reset')
    const startedMs = performance.now()
    const event = { type: 'order.shipped', params: { order_id: 'A-1001' }, to: [{ topic: 'all' }] }
    await belfry.ask('POST', '/events', event)
    await sink.call('waitFor', people)
    await drained(belfry.db)
    return (people / (performance.now() - startedMs)) * 1_000
  }
  const mail = {
    from: 'Shop <shop@example.com>',
    subject: source.subject,
    html: `<h1>Good news</h1>\n<p>${source.body.slice(13)}</p>\n`,
    text: source.body,
  }
  const mails: Mails = { port, count: people, connections, atOnce, mail }
  const sendBare = () => bare.call<number>('run', mails)

  await broadcast() // both warm
  await sendBare()
  let use = ''
  const { a, b } = await alternate(rounds, sendBare, async () => {
    const measured = await withUse(belfry, broadcast)
    use = showUse(measured.use, people)
    return measured.result
  })
  const [limit, rate] = [median(a), median(b)]
  return {
    rows: [
      {
        what: `one event to ${people.toLocaleString('en')} people, ${connections} connections`,
        belfry: perSecond(rate),
        beside: `nodemailer alone ${perSecond(limit)}`,
        ratio: percent(rate / limit),
        target: `≥ ${percent(target)}`,
        isMet: rate / limit >= target,
      },
    ],
    notes: [use, 'The mail server is `smtp-server` in a process of its own.'],
  }
}
