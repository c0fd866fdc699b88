// Run by test_interop.py: login.js LIBRARY PORT USER PASSWORD CA. Logs in through TLS with SCRAM
// and prints whom the server takes it for.
'use strict';

const fs = require('node:fs');

const sql = 'SELECT current_user AS who';

async function byPg(options) {
  const { Client } = require('pg');
  const client = new Client({ ...options, enableChannelBinding: true });
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows[0].who;
}

async function byPostgres(options) {
  const connection = require('postgres')(options);
  const rows = await connection.unsafe(sql);
  await connection.end();
  return rows[0].who;
}

async function main(library, port, user, password, ca) {
  const logIn = { pg: byPg, postgres: byPostgres }[library];
  const ssl = { ca: fs.readFileSync(ca, 'utf8'), servername: 'localhost' };
  const options = { host: '127.0.0.1', port: Number(port), user, password, database: 'app', ssl };
  console.log(await logIn(options));
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
