import { describe, expect, test } from 'vitest';
import { scrubber } from '../../src/logs/scrub/scrub.ts';

const secret = (value: string, name = 'db', key = 'password') => ({ name, key, value });
const one = (value: string) => scrubber([secret(value)]);

test('a secret is replaced by its name, every time, at any place', () => {
  expect(one('hunter22!')('hunter22! a hunter22!hunter22! b hunter22!')).toBe(
    '[redacted db:password] a [redacted db:password][redacted db:password] b [redacted db:password]',
  );
});

test('its base64 is replaced too, with padding or without', () => {
  const encoded = Buffer.from('s3cr3t-value').toString('base64');
  expect(one('s3cr3t-value')(`data: ${encoded}.`)).toBe('data: [redacted db:password].');
  expect(one('s3cr3t-value!')(Buffer.from('s3cr3t-value!').toString('base64'))).not.toContain('czNjcjN0');
});

test('its base64 is found within that of something longer, wherever it stands there, and in the alphabet of URLs', () => {
  const value = 'hunter2~secret?pw';
  for (const before of ['', 'u', 'u:', 'usr', 'user:'])
    for (const after of ['', '\n', ' x', '@host'])
      for (const alphabet of ['base64', 'base64url'] as const) {
        const told = one(value)(`Authorization: Basic ${Buffer.from(before + value + after).toString(alphabet)}`);
        expect([before, after, told]).toEqual([before, after, expect.stringContaining('[redacted db:password]')]);
        expect(told.length).toBeLessThan('Authorization: Basic [redacted db:password]'.length + 16);
      }
});

test('colours within it hide it from nobody, and stay where there is none', () => {
  expect(one('hunter22!')('a \x1b[32mhunter\x1b[31m22!\x1b[0m b')).toBe('a [redacted db:password] b');
  expect(one('hunter22!')('a \x1b[32mhunter\x1b[0m b')).toBe('a \x1b[32mhunter\x1b[0m b');
});

test('it is found as a JSON string has it', () => {
  expect(one('pa"ss\\word')(JSON.stringify({ a: 'pa"ss\\word' }))).toBe('{"a":"[redacted db:password]"}');
});

test('each long line of a value of many lines is replaced, its frame and short lines are not', () => {
  const key = '-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nshort\nAQEFAASCBKcwggSjAgEAAoIB\n-----END KEY-----\n';
  const scrub = one(key);
  expect(key.split('\n').map(scrub)).toEqual([
    '-----BEGIN KEY-----',
    '[redacted db:password]',
    'short',
    '[redacted db:password]',
    '-----END KEY-----',
    '',
  ]);
});

test('values of fewer than five bytes and short common words are left alone', () => {
  const scrub = scrubber([secret('1234'), secret('admin'), secret('true'), secret('')]);
  expect(scrub('1234 admin is true')).toBe('1234 admin is true');
  expect(scrubber([secret('postgres')])('postgres')).toBe('[redacted db:password]');
});

test('where one secret begins another, the longer one is replaced', () => {
  const scrub = scrubber([secret('token-1', 'a', 'short'), secret('token-1-long', 'b', 'long')]);
  expect(scrub('token-1-long token-1')).toBe('[redacted b:long] [redacted a:short]');
});

test('with thousands of secrets each is found and nothing else changes', () => {
  const values = Array.from({ length: 5_000 }, (_, i) => `k${(i * 2_654_435_761) % 1_000_003}-${i}x`);
  const scrub = scrubber(values.map((value, i) => secret(value, 'many', `k${i}`)));
  for (let i = 0; i < values.length; i += 7) expect(scrub(`<${values[i]}>`)).toBe(`<[redacted many:k${i}]>`);
  expect(scrub('nothing of this is a secret: k1-2 k99')).toBe('nothing of this is a secret: k1-2 k99');
});

test('values outside of ASCII are found', () => {
  expect(one('пароль-ü€')('x пароль-ü€ y')).toBe('x [redacted db:password] y');
});

describe('values of env files and arguments, in what is said by us', () => {
  const ours = (value: string) => scrubber([{ ...secret(value), isOurs: true }])(`FROM ${value} AS base`);
  test.each([
    'localhost:5000/node-base:1',
    'registry.example.org/team/app:1.2-alpine',
    'registry.example.org:5000/app',
    'redis:6379',
    '1.25.3',
  ])('%s is no secret', (value) => expect(ours(value)).toBe(`FROM ${value} AS base`));
  test.each([
    'admin:hunter2secret',
    'user/secretpassword:1',
    'localhost:5000/user:Pa55@word',
    'hooks.example.org/services/T0AB12/B0CD34/abc',
    'registry.example.org/0123456789abcdef0123456789abcdef0123456789abcdef',
    'postgres://user:word@db.example.org/app',
  ])('%s is hidden', (value) => expect(ours(value)).toBe('FROM [redacted db:password] AS base'));
});
