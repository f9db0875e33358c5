import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { InboxClient } from './inbox-client.ts'

// A server that thinks about what it is asked first, and would be asked the second thing meanwhile.
const begun: string[] = []
let underWay = 0
let mostUnderWay = 0
const server = createServer((request, response) => {
  begun.push(request.url!)
  mostUnderWay = Math.max(mostUnderWay, ++underWay)
  const answer = () => {
    underWay--
    response.end(JSON.stringify({ id: 'order-1' }))
  }
  setTimeout(answer, begun.length === 1 ? 300 : 0)
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
after(() => server.close())
const { port } = server.address() as AddressInfo

test('what is taken back at once is not overtaken by what it takes back', async () => {
  const client = new InboxClient({ url: `http://127.0.0.1:${port}`, token: 'of-ana' })

  await Promise.all([client.archive('order-1'), client.unarchive('order-1')])

  assert.deepEqual(begun, [
    '/me/notifications/order-1/archive',
    '/me/notifications/order-1/unarchive',
  ])
  assert.equal(mostUnderWay, 1)
})
