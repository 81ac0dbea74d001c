"""One session of `aiohttp`, as many requests in flight as asked for.

    python aiohttp_loop.py URL REQUESTS CONCURRENCY BODY [CERTIFICATE]
"""

import asyncio
import ssl
import sys

import aiohttp

url, count, concurrency = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
body = open(sys.argv[4], "rb").read()
trusted = ssl.create_default_context(cafile=sys.argv[5]) if len(sys.argv) > 5 else None
headers = {"authorization": "Bearer bench", "content-type": "application/json"}


async def send(session, requests):
    for _ in requests:
        async with session.post(
            f"{url}/api/v1/data-management/device/deletions", data=body, headers=headers, ssl=trusted or True
        ) as reply:
            said = await reply.json()
            assert reply.status == 202 and len(said["devices"]) == 100, said


async def main():
    requests = iter(range(count))
    connector = aiohttp.TCPConnector(limit=concurrency)
    async with aiohttp.ClientSession(connector=connector) as session:
        await asyncio.gather(*(send(session, requests) for _ in range(concurrency)))


asyncio.run(main())
