"""asyncpg, which implements the protocol itself, through the gate."""

import asyncio

import pytest

asyncpg = pytest.importorskip("asyncpg", reason="PyPI was not reachable, see tests/e2e/prepare")


def test_pool_prepared_statements_copy_and_cursors(stack):
    async def work() -> None:
        async with asyncpg.create_pool(stack.dsn(), min_size=5, max_size=10) as pool:
            doubled = await asyncio.gather(
                *(pool.fetchval("SELECT $1::int * 2", number) for number in range(200))
            )
            assert doubled == [number * 2 for number in range(200)]
            await pool.execute("CREATE TABLE item (id int, word text)")
            rows = [(number, f"word {number}") for number in range(5000)]
            await pool.copy_records_to_table("item", records=rows)
            async with pool.acquire() as connection, connection.transaction():
                words = [row["word"] async for row in connection.cursor("SELECT word FROM item")]
            assert words == [word for _, word in rows]

    asyncio.run(work())
    assert stack.hooks.calls("start") == 1


def test_listen(stack):
    async def work() -> None:
        heard: asyncio.Queue = asyncio.Queue()
        listener = await asyncpg.connect(stack.dsn())
        await listener.add_listener("news", lambda *event: heard.put_nowait(event[3]))
        speaker = await asyncpg.connect(stack.dsn())
        await speaker.execute("NOTIFY news, 'hello'")
        assert await asyncio.wait_for(heard.get(), 30) == "hello"
        await speaker.close()
        await listener.close()

    asyncio.run(work())


def test_a_timeout_cancels_the_query_at_the_server(stack):
    async def work() -> None:
        connection = await asyncpg.connect(stack.dsn())
        with pytest.raises(asyncio.TimeoutError):
            await connection.fetchval("SELECT pg_sleep(300)", timeout=0.5)
        assert await connection.fetchval("SELECT 1") == 1
        await connection.close()

    asyncio.run(work())
