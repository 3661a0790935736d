"use strict";

const express = require("express");
const { COOKIE, isPassword, requireLogIn, tokenFor } = require("./access");
const database = require("./database");

const FOREIGN_KEY_VIOLATION = "23503";
const application = express();

// Tells the cluster's workers apart.
application.use((request, response, next) => {
  response.set("X-Poolbench-Worker", String(process.pid));
  next();
});

// One small query.
application.get("/", async (request, response) => {
  const { rows } = await database.query("SELECT id FROM catalog_category ORDER BY id DESC LIMIT 1");
  response.json({ last_id: rows[0].id });
});

// What that costs without its database: an answer of the same length.
application.get("/no-db", (request, response) => {
  response.json({ last_id: null });
});

// The client's nonce by way of PostgreSQL: an answer from a connection that two requests share
// carries another client's.
application.get("/echo", async (request, response) => {
  const { rows } = await database.query("SELECT $1::text AS nonce", [request.query.nonce ?? ""]);
  response.json({ nonce: rows[0].nonce });
});

// One row by its primary key.
application.get("/city/:id", async (request, response) => {
  const id = Number(request.params.id);
  const { rows } = Number.isSafeInteger(id)
    ? await database.query("SELECT id, name FROM catalog_city WHERE id = $1", [id])
    : { rows: [] };
  if (rows.length === 0) return problem(response, 404, "no such city");
  response.json(rows[0]);
});

application.post("/login", express.json(), async (request, response) => {
  const { user, password } = request.body ?? {};
  if (typeof user !== "string" || typeof password !== "string") {
    return problem(response, 400, 'expected {"user": TEXT, "password": TEXT}');
  }
  const { rows } = await database.query("SELECT password FROM auth_user WHERE username = $1", [user]);
  if (rows.length === 0 || !(await isPassword(password, rows[0].password))) {
    return problem(response, 401, "wrong user or password");
  }
  const token = tokenFor(user);
  response.cookie(COOKIE, token, { httpOnly: true, sameSite: "lax" });
  response.json({ access: token });
});

// Inserts a row, for who has logged in.
application.post("/orders", requireLogIn, express.json(), async (request, response) => {
  const { city, note } = request.body ?? {};
  if (!Number.isSafeInteger(city) || typeof note !== "string") {
    return problem(response, 400, 'expected {"city": NUMBER, "note": TEXT}');
  }
  try {
    const { rows } = await database.query(
      "INSERT INTO catalog_order (city_id, note) VALUES ($1, $2) RETURNING id, note",
      [city, note],
    );
    response.status(201).json(rows[0]);
  } catch (error) {
    if (error.code !== FOREIGN_KEY_VIOLATION) throw error;
    problem(response, 400, "no such city");
  }
});

function problem(response, status, message) {
  response.status(status).json({ error: message });
}

module.exports = { application };
