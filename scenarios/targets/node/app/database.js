// Queries by way of a pool or of a new session each, as the target's parameters say. pg finds the
// database in libpq's variables by itself, but for whom to trust.
"use strict";

const { readFileSync } = require("fs");

const { Client, Pool, types } = require("pg");

// No key of this data set is too large for a JavaScript number.
types.setTypeParser(types.builtins.INT8, Number);

const root = process.env.PGSSLROOTCERT;
const trust = root ? { ssl: { ca: readFileSync(root) } } : {};

async function queryOnce(...query) {
  const client = new Client(trust);
  await client.connect();
  try {
    return await client.query(...query);
  } finally {
    await client.end();
  }
}

if (process.env.POOLBENCH_POOL === "false") {
  module.exports = { query: queryOnce, end: async () => {} };
} else {
  const pool = new Pool({ ...trust, max: Number(process.env.POOLBENCH_POOL_SIZE ?? 10) });
  // An idle session that the server ended is replaced by the next request's; unheard it would end the worker.
  pool.on("error", (error) => console.error(error.message));
  module.exports = {
    query: (...query) => pool.query(...query),
    end: () => pool.end(),
  };
}
