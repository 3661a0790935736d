"""The engine, pooled as the target's parameters say, and the tables."""

import os
from collections.abc import Mapping

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import NullPool


def engine_from(environment: Mapping[str, str]) -> AsyncEngine:
    """The URL is empty because asyncpg reads libpq's variables by itself."""
    url = "postgresql+asyncpg://"
    if environment.get("POOLBENCH_POOL", "true") == "false":
        return create_async_engine(url, poolclass=NullPool)
    return create_async_engine(
        url,
        pool_size=int(environment.get("POOLBENCH_POOL_SIZE", "5")),
        max_overflow=int(environment.get("POOLBENCH_MAX_OVERFLOW", "0")),
    )


engine = engine_from(os.environ)
Session = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    type_annotation_map = {int: BigInteger}


class Category(Base):
    __tablename__ = "catalog_category"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


class City(Base):
    __tablename__ = "catalog_city"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


class Order(Base):
    __tablename__ = "catalog_order"

    id: Mapped[int] = mapped_column(primary_key=True)
    note: Mapped[str] = mapped_column(String(200))
    city_id: Mapped[int] = mapped_column(ForeignKey(City.id))


class User(Base):
    __tablename__ = "auth_user"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(150))
    password: Mapped[str] = mapped_column(String(128))
