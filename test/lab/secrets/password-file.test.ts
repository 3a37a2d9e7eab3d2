/** Which password stands for which server, from what is known of it. */
import { describe, expect, it } from 'vitest';
import { passwordFileText, recognisedPassword, superuserPasswords } from '../../../src/lab/secrets/password-file.ts';
import { at, type Change, cannotAsk, stopped, superuserHas } from '../../check/lab.ts';
import { plan, secrets } from '../../lesson/plan.ts';

const { master, slave } = secrets.servers;
const seen = (lesson: Parameters<typeof at>[0], ...changes: readonly Change[]) =>
  superuserPasswords(plan, recognisedPassword(at(lesson, ...changes).now));

describe('the password of the superuser', () => {
  it('is its own on each server at first', () => {
    expect(seen(2)).toEqual({ master, slave });
    expect(seen(3)).toEqual({ master, slave });
  });

  it("is the master's on a copy of the master, running or not", () => {
    expect(seen(6)).toEqual({ master, slave: master });
    expect(seen(9, stopped('slave'), stopped('master'))).toEqual({ master, slave: master });
  });

  it('is what the server itself keeps, whatever its files look like', () => {
    expect(seen(3, superuserHas(slave))).toEqual({ master: slave, slave });
    expect(seen(3, superuserHas('master_pass'))).toEqual({ master: 'master_pass', slave });
  });

  it('is not known when the learner has chosen one, or there is none', () => {
    expect(seen(3, superuserHas('of my own choice'))).toEqual({ master: undefined, slave });
    expect(seen(3, superuserHas(null))).toEqual({ master: undefined, slave });
  });

  it('is guessed by the files where the server cannot be asked', () => {
    expect(seen(3, cannotAsk('master'))).toEqual({ master, slave });
  });
});

describe('the password file', () => {
  const lines = (passwords: Readonly<Record<string, string | undefined>>) =>
    passwordFileText(plan, passwords)
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));

  it("has the superuser alone, on the lab's own servers alone", () => {
    expect(lines({ master, slave })).toEqual([
      `127.0.0.1:5432:*:postgres:${master}`,
      `localhost:5432:*:postgres:${master}`,
      `127.0.0.1:5433:*:postgres:${slave}`,
      `localhost:5433:*:postgres:${slave}`,
    ]);
  });

  it('leaves out what is not known, so that the client asks', () => {
    expect(lines({ master: undefined, slave })).toHaveLength(2);
  });

  it('keeps a password with signs of its own whole, and takes no line from one', () => {
    expect(lines({ master: 'a:b\\c', slave: 'x\n*:*:*:*:y' })).toEqual([
      '127.0.0.1:5432:*:postgres:a\\:b\\\\c',
      'localhost:5432:*:postgres:a\\:b\\\\c',
    ]);
  });
});
