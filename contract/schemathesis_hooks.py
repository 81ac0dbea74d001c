# SPDX-License-Identifier: MIT OR Apache-2.0
"""What the published page says and the published schema does not: the only failures that are excused.

Loaded by schemathesis (SCHEMATHESIS_HOOKS) in `cargo xtask contract`. No check is switched off. A failure is dropped
only if the simulator's answer is, to the letter, what the page promises for that very request; each excuse is counted
in the report.
"""

import json
import re

import schemathesis

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Whether the failure stands."""
    kind = type(failure).__name__
    devices = asked_for(case.body)
    if devices is None:
        return True
    if kind == "RejectedPositiveData":
        return not blank_and_refused(devices, response)
    if kind == "AcceptedNegativeData":
        return not malformed_and_invalid(devices, response)
    return True


def asked_for(body):
    """The devices of a request that is in order but for what a uid or a name may hold."""
    devices = body.get("devices") if isinstance(body, dict) else None
    if not isinstance(devices, list) or not 1 <= len(devices) <= 100:
        return None
    for device in devices:
        if not isinstance(device, dict):
            return None
        if not all(isinstance(device.get(field), str) for field in ("uid", "name")):
            return None
    return devices


def blank_and_refused(devices, response):
    """Page, DeviceEntry.name: "Must not be blank". Schema: `minLength: 1`, which a space satisfies."""
    blank = any(not device["name"].strip() for device in devices)
    return blank and response.status_code == 400 and reply(response).get("code") == "INVALID_REQUEST"


def malformed_and_invalid(devices, response):
    """Page, DeviceEntry.uid: "A malformed value results in a per-device `INVALID` status rather than failing the whole
    batch". Schema: `format: uuid`, which would have it refused."""
    if response.status_code != 202 or any(not device["name"].strip() for device in devices):
        return False
    expected = [
        {
            "uid": device["uid"],
            "name": device["name"],
            "status": "SCHEDULED" if UUID.fullmatch(device["uid"]) else "INVALID",
        }
        for device in devices
    ]
    return any(entry["status"] == "INVALID" for entry in expected) and reply(response).get("devices") == expected


def reply(response):
    """The reply's JSON object; an empty one if it is none."""
    try:
        value = json.loads(response.content)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
