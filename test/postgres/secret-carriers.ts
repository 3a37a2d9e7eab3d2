/**
 * The places where a secret can be in the input of a learner and in the messages of a server. Each secret begins and
 * ends with a mark, so that a part of it is found too.
 */

export const marks = ['Zx9', 'qV7'] as const;
const between = (middle: string): string => `${marks[0]}${middle}${marks[1]}`;

/** Secrets with different characters; not every carrier can contain each of them. */
export const secrets = {
  plain: between('secret'),
  blank: between(' my secret '),
  slash: between('/a/'),
  at: between('@b@'),
  quote: between("it's"),
  double: between('a"b'),
  backslash: between('a\\b'),
  signs: between('$%&!?*+~^'),
  semicolon: between(';x,(y)'),
  digits: between('0000000000'),
  equals: between('='),
  unicode: between('Größe☃'),
  word: between('password'),
} as const;
type Kind = keyof typeof secrets;

const sql = (text: string): string => text.replaceAll("'", "''");
const conn = (text: string): string => text.replace(/[\\']/g, '\\$&');
const setting = (text: string): string => text.replaceAll("'", "''");
const json = (text: string): string => JSON.stringify(text).slice(1, -1);
const percent = (text: string): string => encodeURIComponent(text).replace(/'/g, '%27');

const bare: readonly Kind[] = ['plain', 'slash', 'at', 'digits', 'unicode', 'word', 'signs'];
const all = Object.keys(secrets) as readonly Kind[];
const but = (...kinds: readonly Kind[]): readonly Kind[] => all.filter((kind) => !kinds.includes(kind));

export type Carrier = readonly [name: string, of: (secret: string) => string, kinds: readonly Kind[]];

export const carriers: readonly Carrier[] = [
  // connection strings
  ['conninfo', (s) => `host=a password=${s} user=b`, bare],
  ['conninfo, quoted', (s) => `host=a password='${conn(s)}' user=b`, all],
  ['conninfo, blanks round =', (s) => `host=a password = '${conn(s)}' user=b`, all],
  ['conninfo, first', (s) => `password=${s} host=a`, bare],
  ['typo pasword', (s) => `host=a pasword=${s} user=b`, bare],
  ['typo passwrod', (s) => `host=a passwrod=${s} user=b`, bare],
  ['typo passord', (s) => `host=a passord=${s} user=b`, bare],
  ['typo pasword quoted', (s) => `host=a pasword='${conn(s)}' user=b`, all],
  ['colon', (s) => `host=a password:${s} user=b`, bare],
  ['colon and blank', (s) => `password: ${s}`, bare],
  ['sslpassword', (s) => `sslkey=a sslpassword=${s}`, bare],
  [
    'setting',
    (s) => `primary_conninfo = 'host=a password=${setting(s)} user=b'`,
    ['plain', 'slash', 'digits', 'blank', 'at', 'equals'],
  ],
  ['setting, quoted', (s) => `primary_conninfo = 'host=a password=''${setting(conn(s))}'' user=b'`, but('quote')],
  [
    'setting, backslash quotes',
    (s) => `primary_conninfo = 'host=a password=\\'${s}\\' user=b'`,
    but('quote', 'backslash'),
  ],
  ['setting, a lone word', (s) => `primary_conninfo = 'host=a password ${s} user=b'`, bare],
  ['setting, only a word', (s) => `primary_conninfo = 'host=a ${s} user=b'`, bare],
  ['setting, unknown key', (s) => `primary_conninfo = 'host=a pw=${s} user=b'`, bare],
  ['setting, colon', (s) => `primary_conninfo = 'host=a password:${s} user=b'`, bare],
  ['setting, without its end', (s) => `primary_conninfo = 'host=a password=${s}`, bare],
  ['setting, URI', (s) => `primary_conninfo = 'postgresql://slave:${setting(s)}@h:5432/x'`, but('signs', 'double')],
  [
    'log of a setting',
    (s) => `LOG:  parameter "primary_conninfo" changed to "host=a password=${s} user=b"`,
    [...bare, 'blank'],
  ],
  [
    'subscription',
    (s) => `CREATE SUBSCRIPTION s CONNECTION 'host=a password=${sql(s)}' PUBLICATION p`,
    [...bare, 'blank'],
  ],
  ['subscription, typo', (s) => `CREATE SUBSCRIPTION s CONNECTION 'host=a pw=${sql(s)}' PUBLICATION p`, bare],
  ['dblink', (s) => `SELECT dblink_connect('host=a password=${sql(s)}')`, bare],
  // URIs
  ['URI', (s) => `postgresql://slave:${percent(s)}@h:5432/x`, all],
  ['URI, as it is', (s) => `could not connect to postgres://slave:${s}@h:5432/x now`, but('double', 'quote', 'signs')],
  ['URI, no user', (s) => `postgres://:${percent(s)}@h/x`, all],
  ['URI, parameter', (s) => `postgres://h/x?user=b&password=${percent(s)}&sslmode=require`, all],
  ['URI, encoded key', (s) => `postgres://h/x?pass%77ord=${percent(s)}`, all],
  ['URI, encoded key, later', (s) => `postgres://h/x?user=a&%70assword=${percent(s)}&port=1`, all],
  ['URI of something else', (s) => `https://me:${percent(s)}@example.org/x`, all],
  // SQL
  ['role', (s) => `CREATE ROLE slave LOGIN PASSWORD '${sql(s)}' REPLICATION`, all],
  ['role, E', (s) => `ALTER ROLE slave PASSWORD E'${s.replace(/[\\']/g, '\\$&')}';`, all],
  ['role, U&', (s) => `ALTER ROLE slave PASSWORD U&'${sql(s)}';`, but('backslash')],
  ['role, dollar', (s) => `ALTER ROLE slave PASSWORD $$${s}$$;`, but('signs')],
  ['role, tagged dollar', (s) => `ALTER ROLE slave PASSWORD $x$${s}$x$;`, but('signs')],
  ['role, double quotes', (s) => `ALTER ROLE slave PASSWORD "${s}"`, but('double')],
  ['role, no quotes', (s) => `ALTER ROLE slave PASSWORD ${s};`, ['plain', 'digits', 'word', 'slash']],
  ['role, comment', (s) => `ALTER ROLE slave PASSWORD /* it is */ '${sql(s)}'`, all],
  ['role, line comment', (s) => `ALTER ROLE slave PASSWORD -- it is\n  '${sql(s)}'`, all],
  ['role, new line', (s) => `ALTER ROLE slave\n  PASSWORD\n  '${sql(s)}'`, all],
  ['role, =', (s) => `ALTER ROLE slave PASSWORD = '${sql(s)}'`, all],
  ['role, typo', (s) => `ALTER ROLE slave PASWORD '${sql(s)}'`, all],
  ['role, without its end', (s) => `ALTER ROLE slave PASSWORD '${sql(s)}; SELECT 1;`, all],
  ['user of MySQL', (s) => `CREATE USER slave IDENTIFIED BY '${sql(s)}'`, all],
  ['format', (s) => `SELECT format('ALTER ROLE x PASSWORD %L', '${sql(s)}')`, all],
  ['format, numbered', (s) => `EXECUTE format('ALTER ROLE %1$I PASSWORD %2$L', 'x', '${sql(s)}')`, all],
  ['put together', (s) => `EXECUTE 'ALTER ROLE x PASSWORD ' || quote_literal('${sql(s)}')`, all],
  ['put together, inside', (s) => `EXECUTE 'ALTER ROLE x PASSWORD ''' || '${sql(s)}' || ''''`, all],
  ['set_config', (s) => `SELECT set_config('x.password', '${sql(s)}', false)`, all],
  ['SET', (s) => `SET x.password TO '${sql(s)}'`, all],
  ['crypt', (s) => `SELECT crypt('${sql(s)}', gen_salt('bf'))`, all],
  ['insert', (s) => `INSERT INTO users (name, password) VALUES ('me', '${sql(s)}')`, all],
  ['update', (s) => `UPDATE users SET password = '${sql(s)}' WHERE name = 'me'`, all],
  ['user mapping', (s) => `CREATE USER MAPPING FOR me SERVER s OPTIONS (user 'a', password '${sql(s)}')`, all],
  ['named argument', (s) => `SELECT f(password => '${sql(s)}')`, all],
  ['JSON in SQL', (s) => `SELECT jsonb_build_object('password', '${sql(s)}')`, all],
  // files and commands
  ['environment', (s) => `PGPASSWORD=${s} psql -h a`, bare],
  ['environment, quoted', (s) => `export PGPASSWORD='${s}'`, but('quote', 'backslash')],
  ['docker', (s) => `docker run -e POSTGRES_PASSWORD=${s} postgres`, bare],
  ['option', (s) => `psql --password ${s} -h a`, ['plain', 'digits', 'word', 'slash', 'at']],
  ['option with =', (s) => `psql --password=${s} -h a`, bare],
  ['short option', (s) => `mysql -u root -p${s}`, ['plain', 'digits', 'word', 'slash', 'at']],
  ['curl', (s) => `curl -u me:${s} http://h/`, bare],
  ['curl, long', (s) => `curl --user me:${s} http://h/`, bare],
  ['hba', (s) => `host all all all ldap ldapserver=a ldapbindpasswd=${s} ldapport=1`, bare],
  ['hba, quoted', (s) => `host all all all ldap ldapserver=a ldapbindpasswd="${s}" ldapport=1`, but('double')],
  ['hba, quoted whole', (s) => `host all all all ldap ldapserver=a "ldapbindpasswd=${s}" ldapport=1`, but('double')],
  ['hba, its quotes gone', (s) => `ldapserver=a ldapbindpasswd=${s} ldapport=1`, [...bare, 'blank']],
  ['radius', (s) => `host all all all radius radiusservers=a radiussecrets="${s}"`, but('double')],
  ['JSON', (s) => `{"user": "a", "password": "${json(s)}", "b": 1}`, all],
  ['JSON, a key of two words', (s) => `{"db_password":"${json(s)}"}`, all],
  ['YAML', (s) => `  POSTGRES_PASSWORD: ${s}`, bare],
  // the part of unreadable text that an error message repeats
  ['echo of a quote', (s) => `ERROR:  unterminated quoted string at or near "'${s};" at character 27`, but('quote')],
  [
    'echo with its statement',
    (s) =>
      `ERROR:  unterminated quoted string at or near "'${s};" at character 27\nSTATEMENT:  ALTER ROLE x PASSWORD '${s};`,
    but('quote'),
  ],
  [
    'echo of a lone word',
    (s) => `invalid connection string syntax: missing "=" after "${s}" in connection info string`,
    but('double'),
  ],
  ['echo of a URI', (s) => `invalid percent-encoded token: "${s}"`, but('double')],
  [
    'echo of blanks',
    (s) => `unexpected spaces found in "${s}", use percent-encoded spaces (%20) instead`,
    but('double'),
  ],
  ['echo of a port', (s) => `invalid integer value "${s}" for connection option "port"`, but('double')],
  [
    'echo of a host',
    (s) => `could not translate host name "${s}@h" to address: Name or service not known`,
    but('double'),
  ],
];
