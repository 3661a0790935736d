import os
import secrets

import asyncpg
from fastapi import FastAPI, Header, HTTPException
from pydantic import BaseModel

app = FastAPI()


@app.on_event("startup")
async def open_pool():
    app.state.pool = await asyncpg.create_pool(
        os.environ["DATABASE_URL"], min_size=1, max_size=int(os.environ.get("POOL_SIZE", "10"))
    )


@app.get("/city/{city}")
async def read_city(city: int):
    name = await app.state.pool.fetchval("select name from city where id = $1", city)
    return {"id": city, "name": name}


class Login(BaseModel):
    user: str
    password: str


@app.post("/login")
async def login(given: Login):
    if given.password != "bench":
        raise HTTPException(403)
    token = f"{os.getpid()}-{secrets.token_hex(8)}"
    return {"access": token}


class Order(BaseModel):
    city: int
    note: str


@app.post("/orders", status_code=201)
async def order(given: Order, authorization: str = Header()):
    if not authorization.startswith("Bearer "):
        raise HTTPException(401)
    await app.state.pool.execute(
        "insert into orders (city, note) values ($1, $2)", given.city, given.note
    )
    return {"note": given.note}
