// Run by test_final_error.py: final_error.js URL QUERY. Asks QUERY, and for the line it reads something
// else. Prints the first SQLSTATE that it is told, by an event or as an answer.
'use strict';

const { once } = require('node:events');
const { Client } = require('pg');

async function main(url, query) {
  const client = new Client(url);
  const told = new Promise((resolve) => {
    client.on('error', resolve);
  });
  await client.connect();
  await client.query(query);
  await once(process.stdin, 'data');
  const answered = client.query('SELECT 2').then(
    () => ({ code: 'no error' }),
    (error) => error,
  );
  console.log((await Promise.race([told, answered])).code);
  process.exit(0);
}

main(process.argv[2], process.argv[3]).catch((error) => {
  console.error(error);
  process.exit(1);
});
