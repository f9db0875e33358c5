import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deviceOf } from './device.ts'

for (const [address, device] of [
  ['{"endpoint":"https://push.example/x"}', 'web'],
  ['00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0', 'apns'],
  ['bk3RNwTe3H0:CI2k_HHwgIpoDKCIZvvDMExUdFQ3P1', 'fcm'],
] as const)
  test(`${address.slice(0, 20)}… leads to ${device}`, () => assert.equal(deviceOf(address), device))
