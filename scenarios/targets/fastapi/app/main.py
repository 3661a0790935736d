import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from access import COOKIE, current_user, is_password, token_for
from database import Category, City, Order, Session, User, engine
from fastapi import Depends, FastAPI, HTTPException, Response
from pydantic import BaseModel
from sqlalchemy import literal, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    await engine.dispose()


async def session() -> AsyncIterator[AsyncSession]:
    async with Session() as opened:
        yield opened


Database = Annotated[AsyncSession, Depends(session)]
app = FastAPI(lifespan=lifespan)


class NamedWorker:
    """Adds the header that tells uvicorn's workers apart."""

    HEADER = (b"x-poolbench-worker", str(os.getpid()).encode())

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_worker(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], self.HEADER]
            await send(message)

        await self.app(scope, receive, send_with_worker)


app.add_middleware(NamedWorker)


class Credentials(BaseModel):
    user: str
    password: str


class NewOrder(BaseModel):
    city: int
    note: str


@app.get("/")
async def query(database: Database) -> dict:
    """One small ORM query."""
    last = select(Category.id).order_by(Category.id.desc()).limit(1)
    return {"last_id": await database.scalar(last)}


@app.get("/no-db")
async def no_db() -> dict:
    """What `query` costs without its database: an answer of the same length."""
    return {"last_id": None}


@app.get("/echo")
async def echo(database: Database, nonce: str = "") -> dict:
    """The client's nonce by way of PostgreSQL: an answer from a connection that two requests share
    carries another client's."""
    return {"nonce": await database.scalar(select(literal(nonce)))}


@app.get("/city/{city_id}")
async def city(database: Database, city_id: int) -> dict:
    """One row by its primary key."""
    found = await database.get(City, city_id)
    if found is None:
        raise HTTPException(404, "no such city")
    return {"id": found.id, "name": found.name}


@app.post("/login")
async def log_in(database: Database, sent: Credentials, response: Response) -> dict:
    user = await database.scalar(select(User).where(User.username == sent.user))
    # In a thread, since it takes milliseconds in which this worker's other requests would wait.
    if user is None or not await asyncio.to_thread(is_password, sent.password, user.password):
        raise HTTPException(401, "wrong user or password")
    token = token_for(user.username)
    response.set_cookie(COOKIE, token, httponly=True, samesite="lax")
    return {"access": token}


@app.post("/orders", status_code=201, dependencies=[Depends(current_user)])
async def order(database: Database, sent: NewOrder) -> dict:
    """Inserts a row, for who has logged in."""
    placed = Order(city_id=sent.city, note=sent.note)
    database.add(placed)
    try:
        await database.commit()
    except IntegrityError:
        raise HTTPException(400, "no such city") from None
    return {"id": placed.id, "note": placed.note}
