import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isPublicAddress } from './publicAddress.ts'

const inside = [
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::127.0.0.1',
  '64:ff9b::7f00:1',
  'fc00::1',
  'fd12::1',
  'fe80::1',
  'ff02::1',
  '2001:db8::1',
  '2002:7f00:1::',
  'localhost',
  '127.1',
  '',
]
const outside = ['1.1.1.1', '9.255.255.255', '172.32.0.1', '192.167.255.255', '2606:4700::1111', '2a00::1']

test('addresses inside a machine or a network, and forms that lead there, are not public', () => {
  for (const address of inside) assert.equal(isPublicAddress(address), false, address)
})

test('addresses of the internet are public', () => {
  for (const address of outside) assert.equal(isPublicAddress(address), true, address)
})
