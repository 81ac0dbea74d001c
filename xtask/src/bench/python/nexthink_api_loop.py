# SPDX-License-Identifier: GPL-3.0-only
#
# This file and contract/nexthink_api_driver.py alone in this repository are under the GNU General Public License,
# version 3, because they import nexthink-api, which is. It is a program of its own: `cargo xtask bench` starts it. Nothing
# of it is built into, linked with or shipped with anything else here.
"""The PyPI package nexthink-api, a hundred devices after the other: it has no batching of its own.

    python nexthink_api_loop.py URL REQUESTS CONCURRENCY BODY [CERTIFICATE]

One request after the other. Only the address is changed: what goes to https://*.nexthink.cloud is sent to URL.
"""

import json
import logging
import sys

import requests
from requests.adapters import HTTPAdapter

TARGET, COUNT = sys.argv[1], int(sys.argv[2])
BODY = json.load(open(sys.argv[4]))
VERIFY = sys.argv[5] if len(sys.argv) > 5 else True
BASES = ("https://acme-login.eu.nexthink.cloud/", "https://acme.api.eu.nexthink.cloud/")


class ToThisMachine(HTTPAdapter):
    """Sends what the package has prepared to another address."""

    def send(self, request, **options):
        for base in BASES:
            if request.url.startswith(base):
                request.url = f"{TARGET}/{request.url[len(base):]}"
                options["proxies"] = {}
                options["verify"] = VERIFY
                return super().send(request, **options)
        raise SystemExit(f"the package would have sent a request to {request.url}")


# Every session that the package opens mounts this class for https://.
requests.sessions.HTTPAdapter = ToThisMachine

import nexthink_api  # noqa: E402  (after the class above is in its place)

logging.disable(logging.WARNING)
client = nexthink_api.NexthinkClient(
    instance="acme",
    region=nexthink_api.NxtRegionName.eu,
    client_id="bench",
    client_secret="bench",
    proxies=False,
)

devices = [nexthink_api.NxtDeviceEntry(uid=device["uid"], name=device["name"]) for device in BODY["devices"]]
for _ in range(COUNT):
    reply = client.data_management.delete_devices(devices)
    assert reply.scheduledCount == len(devices), reply
