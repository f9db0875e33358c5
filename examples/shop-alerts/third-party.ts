// The messaging service that the shops' alerts go through, as a stub: it keeps what it gets and answers
// what it is told to.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Received = { at: number; status: number; body: Record<string, unknown> }

export type ThirdParty = {
  url: string
  received: Received[]
  /** The status for a message and the how-manieth time it comes. */
  answer: (body: Record<string, unknown>, attempt: number) => number
  close: () => void
}

export async function startThirdParty(): Promise<ThirdParty> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>
      const isSame = (other: Received) =>
        other.body.alert_uuid === body.alert_uuid &&
        other.body.target_user_uuid === body.target_user_uuid
      const status = thirdParty.answer(body, received.filter(isSame).length + 1)
      received.push({ at: Date.now(), status, body })
      response.writeHead(status).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const thirdParty: ThirdParty = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/messages`,
    received,
    answer: () => 200,
    close: () => server.close(),
  }
  return thirdParty
}
