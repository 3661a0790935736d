const express = require('express');
const { Pool } = require('pg');

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: Number(process.env.PG_POOL_MAX || 10) });
const app = express();
app.use(express.json());

app.get('/city/:id', async (request, response) => {
  const { rows } = await pool.query('select id, name from city where id = $1', [request.params.id]);
  response.json(rows[0]);
});
app.post('/login', (request, response) => {
  if (request.body.password !== 'bench') return response.sendStatus(403);
  response.json({ access: Math.random().toString(36) });
});
app.post('/orders', async (request, response) => {
  if (!(request.get('Authorization') || '').startsWith('Bearer ')) return response.sendStatus(401);
  await pool.query('insert into orders (city, note) values ($1, $2)', [request.body.city, request.body.note]);
  response.status(201).json({ note: request.body.note });
});
app.listen(process.env.PORT || 3000, '127.0.0.1');
