/** The password for each server in the password file, from what is known of the server. */
import { describe, expect, it } from 'vitest';
import { passwordFileText, recognisedPassword, superuserPasswords } from '../../../src/lab/secrets/password-file.ts';
import { at, type Change, cannotAsk, stopped, superuserHas } from '../../check/lab.ts';
import { plan, secrets } from '../../lesson/plan.ts';

const { master, slave } = secrets.servers;
const seen = (lesson: Parameters<typeof at>[0], ...changes: readonly Change[]) =>
  superuserPasswords(plan, recognisedPassword(at(lesson, ...changes).now));

describe('the password of the superuser', () => {
  it("the superuser's password is its own on each server at first", () => {
    expect(seen(2)).toEqual({ master, slave });
    expect(seen(3)).toEqual({ master, slave });
  });

  it("the superuser's password on a copy is the master's, running or not", () => {
    expect(seen(6)).toEqual({ master, slave: master });
    expect(seen(9, stopped('slave'), stopped('master'))).toEqual({ master, slave: master });
  });

  it("the superuser's password is the one whose verifier the server has, whatever the files are like", () => {
    expect(seen(3, superuserHas(slave))).toEqual({ master: slave, slave });
    expect(seen(3, superuserHas('master_pass'))).toEqual({ master: 'master_pass', slave });
  });

  it("the superuser's password is unknown when the learner has chosen one, or there is none", () => {
    expect(seen(3, superuserHas('of my own choice'))).toEqual({ master: undefined, slave });
    expect(seen(3, superuserHas(null))).toEqual({ master: undefined, slave });
  });

  it("the superuser's password is guessed from the files where the server cannot be asked", () => {
    expect(seen(3, cannotAsk('master'))).toEqual({ master, slave });
  });
});

describe('the password file', () => {
  const lines = (passwords: Readonly<Record<string, string | undefined>>) =>
    passwordFileText(plan, passwords)
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));

  it("the password file has only the superuser, and only the lab's own servers", () => {
    expect(lines({ master, slave })).toEqual([
      `127.0.0.1:5432:*:postgres:${master}`,
      `localhost:5432:*:postgres:${master}`,
      `127.0.0.1:5433:*:postgres:${slave}`,
      `localhost:5433:*:postgres:${slave}`,
    ]);
  });

  it('the password file leaves out an unknown password, so that the client asks', () => {
    expect(lines({ master: undefined, slave })).toHaveLength(2);
  });

  it('the password file escapes special characters, and a password adds no line to it', () => {
    expect(lines({ master: 'a:b\\c', slave: 'x\n*:*:*:*:y' })).toEqual([
      '127.0.0.1:5432:*:postgres:a\\:b\\\\c',
      'localhost:5432:*:postgres:a\\:b\\\\c',
    ]);
  });
});
