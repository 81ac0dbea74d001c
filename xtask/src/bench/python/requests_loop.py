"""One session of `requests`, one request after the other: what most scripts do.

    python requests_loop.py URL REQUESTS CONCURRENCY BODY [CERTIFICATE]
"""

import sys

import requests

url, count, _, body = sys.argv[1], int(sys.argv[2]), sys.argv[3], open(sys.argv[4], "rb").read()
session = requests.Session()
session.trust_env = False
session.verify = sys.argv[5] if len(sys.argv) > 5 else True
headers = {"authorization": "Bearer bench", "content-type": "application/json"}
for _ in range(count):
    reply = session.post(f"{url}/api/v1/data-management/device/deletions", data=body, headers=headers)
    assert reply.status_code == 202 and len(reply.json()["devices"]) == 100, reply.text
