// Who may order: a user who has logged in and sends the signed token back.
"use strict";

const { createHmac, pbkdf2, timingSafeEqual } = require("node:crypto");
const { promisify } = require("node:util");

const COOKIE = "access";
const KEY = "not a secret: what is signed here lasts as long as a trial";

/** `stored` is as Django writes it: pbkdf2_sha256$ROUNDS$SALT$BASE64. */
async function isPassword(password, stored) {
  const [, rounds, salt, encoded] = stored.split("$");
  const expected = Buffer.from(encoded, "base64");
  const derived = await promisify(pbkdf2)(password, salt, Number(rounds), expected.length, "sha256");
  return timingSafeEqual(derived, expected);
}

function tokenFor(userName) {
  return `${userName}.${createHmac("sha256", KEY).update(userName).digest("hex")}`;
}

function isOurs(token) {
  const expected = Buffer.from(tokenFor(token.slice(0, Math.max(0, token.lastIndexOf(".")))));
  const sent = Buffer.from(token);
  return sent.length === expected.length && timingSafeEqual(sent, expected);
}

/** Lets a request pass whose header Authorization, or else cookie, holds a token that was signed here. */
function requireLogIn(request, response, next) {
  const bearer = /^bearer (.*)$/i.exec(request.get("Authorization") ?? "");
  const cookie = new RegExp(`(?:^|; *)${COOKIE}=([^;]*)`).exec(request.get("Cookie") ?? "");
  if (isOurs((bearer ?? cookie)?.[1] ?? "")) return next();
  response.status(401).json({ error: "log in first" });
}

module.exports = { COOKIE, isPassword, requireLogIn, tokenFor };
