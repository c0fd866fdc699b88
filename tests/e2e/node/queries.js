// Run by test_node_postgres.py with a connection string. Prints a word for each thing that worked.
'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const { Client, Pool } = require('pg');

async function main(connectionString) {
  const client = new Client({ connectionString });
  await client.connect();
  const { rows } = await client.query('SELECT $1::int + 1 AS answer', [41]);
  assert.deepStrictEqual(rows, [{ answer: 42 }]);
  console.log('woken');

  const pool = new Pool({ connectionString, max: 10 });
  const numbers = Array.from({ length: 200 }, (_, number) => number);
  const answers = await Promise.all(
    numbers.map((number) => pool.query('SELECT $1::int * 2 AS twice', [number])),
  );
  assert.deepStrictEqual(
    answers.map((answer) => answer.rows[0].twice),
    numbers.map((number) => number * 2),
  );
  console.log('pooled');

  for (const number of numbers) {
    const named = { name: 'square', text: 'SELECT $1::int * $1 AS square', values: [number] };
    assert.strictEqual((await client.query(named)).rows[0].square, number * number);
  }
  console.log('prepared');

  await client.query('CREATE TABLE item (id int PRIMARY KEY)');
  await client.query('BEGIN');
  await client.query('INSERT INTO item VALUES (1)');
  await assert.rejects(client.query('INSERT INTO item VALUES (1)'), { code: '23505' });
  await client.query('ROLLBACK');
  assert.strictEqual((await client.query('SELECT * FROM item')).rowCount, 0);
  console.log('rolled-back');

  await client.query('LISTEN news');
  const heard = once(client, 'notification');
  await pool.query("NOTIFY news, 'hello'");
  assert.strictEqual((await heard)[0].payload, 'hello');
  console.log('notified');

  await pool.end();
  await client.end();
}

main(process.argv[2]).catch((error) => {
  console.error(error);
  process.exit(1);
});
