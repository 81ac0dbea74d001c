# SPDX-License-Identifier: GPL-3.0-only
#
# This file alone in this repository is under the GNU General Public License, version 3, because it imports
# nexthink-api, which is. It is a program of its own: `cargo xtask contract` starts it and talks to it through pipes.
# Nothing of it is built into, linked with or shipped with anything else here.
"""Drives the PyPI package nexthink-api against a server on this machine.

    python nexthink_api_driver.py http://127.0.0.1:PORT

Every line of stdin is a request, every line of stdout its answer, both JSON; contract/PROTOCOL.md says which. Building
the request and understanding the reply is the package's own work. Only the way in between is changed: what goes to
https://*.nexthink.cloud is sent to the server given instead, and where it was meant to go is told in the answer.
"""

import json
import logging
import sys

import requests
from requests.adapters import HTTPAdapter

TARGET = sys.argv[1]
LOGIN = "https://acme-login.eu.nexthink.cloud/"
API = "https://acme.api.eu.nexthink.cloud/"
addressed = []


class ToThisMachine(HTTPAdapter):
    """Sends what the package has prepared, to the last byte, to another address."""

    def send(self, request, **options):
        addressed.append(f"{request.method} {request.url}")
        for base in (LOGIN, API):
            if request.url.startswith(base):
                request.url = f"{TARGET}/{request.url[len(base):]}"
                options["proxies"] = {}
                return super().send(request, **options)
        # Where the simulator has the files of its exports.
        if request.url.startswith("http://127.0.0.1:"):
            return super().send(request, **options)
        raise SystemExit(f"the package would have sent a request to {request.url}")


# Every session that the package opens mounts this class for https://.
requests.sessions.HTTPAdapter = ToThisMachine

import nexthink_api  # noqa: E402  (after the class above is in its place)


def answer(client, asked):
    try:
        reply = client.data_management.delete_devices(
            [nexthink_api.NxtDeviceEntry(uid=uid, name=name) for uid, name in asked["devices"]],
            request_id=asked.get("request_id"),
        )
    # The package's own exceptions derive from BaseException.
    except BaseException as error:
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        return {"raised": f"{type(error).__name__}: {error}"}
    if isinstance(reply, nexthink_api.NxtDeviceDeletionResponse):
        return {
            "statuses": [device.status.value for device in reply.devices],
            "devices": [[device.uid, device.name] for device in reply.devices],
            "scheduled_count": reply.scheduledCount,
            "request_id": reply.request_id,
        }
    if isinstance(reply, nexthink_api.NxtDataManagementErrorResponse):
        return {"code": reply.code.value, "message": reply.message, "request_id": reply.request_id}
    if isinstance(reply, nexthink_api.NxtInvalidTokenRequest):
        return {"unauthorized": True}
    return {"raised": f"a reply of the type {type(reply).__name__}"}


def exported(client, query):
    try:
        begun = client.nql.export(nexthink_api.NxtNqlApiExecuteRequest(queryId=query))
        status = client.nql.wait(begun)
        if status.status.value != "COMPLETED":
            return {"status": status.status.value}
        return {"status": "COMPLETED", "text": client.nql.download(status).text}
    except BaseException as error:
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        return {"raised": f"{type(error).__name__}: {error}"}


def main():
    # What the package warns of is expected here.
    logging.disable(logging.WARNING)
    client = nexthink_api.NexthinkClient(
        instance="acme",
        region=nexthink_api.NxtRegionName.eu,
        client_id="contract-id",
        client_secret="contract-secret",
        proxies=False,
    )
    for line in sys.stdin:
        asked = json.loads(line)
        said = exported(client, asked["export"]) if "export" in asked else answer(client, asked)
        said["addressed"] = list(addressed)
        addressed.clear()
        print(json.dumps(said), flush=True)


main()
