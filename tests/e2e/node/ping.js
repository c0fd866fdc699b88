// Run by test_pings.py: ping.js URL. Asks for each line it reads whether the session is alive.
'use strict';

const readline = require('node:readline');
const { Client } = require('pg');

async function main(url) {
  const client = new Client(url);
  await client.connect();
  for await (const _ of readline.createInterface(process.stdin)) {
    await client.query('SELECT 1');
    await client.query({ name: 'ping', text: 'SELECT 1' });
    console.log('alive');
  }
  await client.end();
}

main(process.argv[2]).catch((error) => {
  console.error(error);
  process.exit(1);
});
