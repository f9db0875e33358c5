// The limit of e-mail: nodemailer alone, with its pool, and the same message.
import { createTransport } from 'nodemailer'
import { nowMs, serve } from './serve.ts'

export type Mails = {
  port: number
  count: number
  connections: number
  atOnce: number
  mail: { from: string; subject: string; html: string; text: string }
}

serve({
  /** Messages per second. */
  async run({ port, count, connections, atOnce, mail }: Mails): Promise<number> {
    const transport = createTransport({
      host: '127.0.0.1',
      port,
      secure: false,
      ignoreTLS: true,
      pool: true,
      maxConnections: connections,
      maxMessages: 1_000,
    })
    let begun = 0
    const startedAtMs = nowMs()
    async function sendOnAndOn(): Promise<void> {
      while (begun < count) {
        const to = `p${String(begun++).padStart(7, '0')}@example.com`
        await transport.sendMail({ ...mail, to })
      }
    }
    await Promise.all(Array.from({ length: atOnce }, sendOnAndOn))
    const perSecond = (count / (nowMs() - startedAtMs)) * 1_000
    transport.close()
    return perSecond
  },
})
