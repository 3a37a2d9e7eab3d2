import { describe, expect, it } from 'vitest';
import { fill, isFor, readerOf } from '../../src/lesson/format/fill.ts';
import type { Only } from '../../src/lesson/format/words.ts';
import { onDocker } from './docker-plan.ts';
import { plan } from './plan.ts';

describe('fill', () => {
  it('fill puts the values of the lab into the text', () => {
    const text =
      '{{master.port}} {{slave.data}} {{slave.log}} {{master.password}} {{slave.database}} {{host}} {{user}} {{password}} {{application}} {{major}} {{relay}}';
    expect(fill(text, plan)).toBe(
      '5432 rep/slave_data logs/slave.log master_k7m3wq9d slave 127.0.0.1 slave slave_x4hq9tbn slave1 18 5439',
    );
  });

  it.each([
    ['{{master.host}}:{{master.inside}}', '127.0.0.1:5432', 'master:5432'],
    ['{{slave.host}}:{{slave.inside}}', '127.0.0.1:5433', 'slave:5432'],
    ['{{near}}', '127.0.0.1/32', 'samenet'],
    ['{{slave.log}}', 'logs/slave.log', 'docker logs slave'],
    ['{{slave.files}}', 'rep/slave_data', 'rep/slave_data/18/docker'],
    ['{{slave.container}}', 'slave', 'slave'],
  ])('the placeholder %s has a value for each engine', (text, native, docker) => {
    expect(fill(text, plan)).toBe(native);
    expect(fill(text, onDocker())).toBe(docker);
  });

  it.each([
    [onDocker(), '"$PWD/rep/slave_data":/var/lib/postgresql', 'rep/slave_data/18/docker'],
    [onDocker({}, 17), '"$PWD/rep/slave_data":/var/lib/postgresql/data', 'rep/slave_data'],
    [onDocker({ storage: 'volume' }), 'rep_slave_data:/var/lib/postgresql', 'slave:/var/lib/postgresql/18/docker'],
  ])('the placeholders for mount and files say where Docker keeps the data', (lab, mount, files) => {
    expect(fill('{{slave.mount}}', lab)).toBe(mount);
    expect(fill('{{slave.files}}', lab)).toBe(files);
  });

  it('the placeholder as-me runs containers as the learner where the plan says so', () => {
    expect(fill('docker run {{as-me}}-d', onDocker())).toBe('docker run -d');
    expect(fill('docker run {{as-me}}-d', onDocker({ user: '1000:1000' }))).toBe(
      'docker run --user "$(id -u):$(id -g)" -d',
    );
  });

  it('fill leaves other braces as they are', () => {
    expect(fill('{a} $b {} {{ host }}', plan)).toBe('{a} $b {} 127.0.0.1');
  });

  it.each(['{{port}}', '{{master.pid}}', '{{master.port.x}}', '{{}}', '{{constructor}}'])(
    'fill names the unknown placeholder %s',
    (text) => {
      expect(() => fill(text, plan)).toThrow(`no value for ${text}: known are {{host}}`);
    },
  );

  it('fill names an unknown server', () => {
    expect(() => fill('{{slav.port}}', plan)).toThrow('no server "slav"');
  });
});

describe('visible', () => {
  const reader = { engine: 'native', major: 15, root: false } as const;
  it.each<[boolean, Only | undefined]>([
    [true, undefined],
    [true, { engine: 'native' }],
    [false, { engine: 'docker' }],
    [true, { pg: [15, null] }],
    [false, { pg: [16, null] }],
    [true, { pg: [null, 15] }],
    [false, { pg: [null, 14] }],
    [true, { root: false }],
    [false, { root: true }],
    [false, { engine: 'native', pg: [13, 18], root: true }],
    [false, { storage: 'folder' }],
  ])('isFor is %s for %j', (expected, only) => {
    expect(isFor(only, reader)).toBe(expected);
  });

  it('isFor distinguishes on Docker where the data is kept', () => {
    const inVolumes = readerOf(onDocker({ storage: 'volume' }), false);
    expect(isFor({ engine: 'docker', storage: 'volume' }, inVolumes)).toBe(true);
    expect(isFor({ engine: 'docker', storage: 'folder' }, inVolumes)).toBe(false);
    expect(isFor({ engine: 'docker' }, inVolumes)).toBe(true);
  });
});
