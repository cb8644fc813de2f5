import type { LookupFunction } from 'node:net'
import { expect, test } from 'vitest'
import { guardedLookup, isInside, openInternet, refuseInside } from '../../../src/connect/egress.ts'
import { openPace } from '../../../src/extract/pace.ts'
import { realWorld } from '../../../src/world.ts'
import { fdxProvider } from '../../support/extract.ts'

test.each([
  '127.0.0.1',
  '169.254.169.254',
  '10.1.2.3',
  '172.31.0.1',
  '192.168.1.1',
  '100.64.0.1',
  '0.0.0.0',
  '::1',
  'fd00::1',
  'fe80::1',
  '::ffff:7f00:1',
  '::ffff:10.0.0.1',
])('%s is inside', (address) => expect(isInside(address, openInternet)).toBe(true))

test.each([
  '93.184.216.34',
  '172.32.0.1',
  '2606:2800:220:1::1',
  '::ffff:5db8:d822',
  'bank.example',
])('%s is not', (address) => expect(isInside(address, openInternet)).toBe(false))

test.each([
  'https://127.0.0.1/fdx',
  'https://127.1/fdx',
  'https://169.254.169.254/fdx',
  'https://2130706433/fdx',
  'https://0x7f.1/fdx',
  'https://[::ffff:7f00:1]/fdx',
  'https://[::ffff:127.0.0.1]/fdx',
])('%s is refused before anything is connected to', (url) => {
  expect(() => refuseInside(new URL(url), openInternet)).toThrow(
    expect.objectContaining({ code: 'FOREIGN_ORIGIN' }),
  )
})

test('a provider’s own address may be on this machine, but not in a private network', async () => {
  await using _sandbox = openPace(fdxProvider('http://127.0.0.1:4010'), realWorld)
  expect(() => openPace(fdxProvider('https://192.168.1.1/fdx'), realWorld)).toThrow(
    expect.objectContaining({ code: 'FOREIGN_ORIGIN' }),
  )
})

const found = (host: string, options: Parameters<LookupFunction>[1]) =>
  new Promise((resolve) =>
    guardedLookup(openInternet)(host, options, (error, address) => resolve(error ?? address)),
  )

test('a name that leads to this machine is refused while connecting, so that rebinding finds no gap', async () => {
  for (const options of [{}, { all: true }, { family: 4 }])
    expect(await found('localhost', options)).toMatchObject({ code: 'FOREIGN_ORIGIN' })
  expect(await found('no-such-host.invalid', {})).toMatchObject({ code: 'ENOTFOUND' })
})

test('a gateway in a private network is for an operator to allow; never this machine, nor metadata', async () => {
  const gateway = fdxProvider('https://192.168.1.1/fdx', { privateNetwork: true })
  await using _pace = openPace(gateway, realWorld)
  for (const address of ['10.1.2.3', '172.31.0.1', '100.64.0.1', 'fd00::1', '::ffff:10.0.0.1'])
    expect([address, isInside(address, gateway)]).toEqual([address, false])
  for (const address of ['127.0.0.1', '169.254.169.254', '100.100.100.200', 'fd00:ec2::254', '::1'])
    expect([address, isInside(address, gateway)]).toEqual([address, true])
  const inside = fdxProvider('https://169.254.169.254/fdx', { privateNetwork: true })
  expect(() => openPace(inside, realWorld)).toThrow(
    expect.objectContaining({ code: 'FOREIGN_ORIGIN' }),
  )
})
