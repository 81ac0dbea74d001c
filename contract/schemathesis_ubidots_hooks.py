# SPDX-License-Identifier: MIT OR Apache-2.0
"""Where the simulator, on purpose, does not refuse what our spec of Ubidots does not allow: the only failures excused.

Loaded by schemathesis (SCHEMATHESIS_HOOKS) in `cargo xtask contract`. No check is switched off. The spec says what we
send; the simulator does with anything else what the service is likely to do, the more dangerous the better. A failure
is dropped only if the answer is that to the letter, judged by the request as it was sent; each excuse is counted in the
report.
"""

import json
import re
from urllib.parse import parse_qsl, urlsplit

import schemathesis

BULK = "/api/v2.0/devices/_/bulk/delete/"
DEVICES = "/api/v2.0/devices/"
DEVICE = "/api/v2.0/devices/{device_key}/"
VARIABLES = "/api/v2.0/devices/{device_key}/variables/"
VALUES = "/api/v1.6/variables/{variable_id}/values"
TOKEN = "/api/v1.6/auth/token"

ID = re.compile(r"[0-9a-fA-F]{24}")
INTEGER = re.compile(r"-?[0-9]+")
LARGEST_PAGE = {DEVICES: 50, VARIABLES: 200, VALUES: 100}


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Whether the failure stands."""
    path = case.operation.path
    excuse = EXCUSES.get((type(failure).__name__, path))
    return excuse is None or not excuse(path, response)


def bulk_header_is_there(path, response):
    """drf-extensions, whose words the error has, looks for the header and not at its value: `False` deletes, too."""
    value = response.request.headers.get("X-Bulk-Operation")
    keys = sent_json(response)
    return (
        response.status_code == 202
        and value not in (None, "True")
        and isinstance(keys, list)
        and len(keys) > 0
        and all(names_a_device(key) for key in keys)
        and isinstance(received_json(response).get("task"), dict)
    )


def names_a_device(key):
    if isinstance(key, dict):
        return isinstance(key.get("id"), str) and bool(ID.fullmatch(key["id"]))
    return isinstance(key, str) and bool(ID.fullmatch(key) or re.fullmatch("~.+", key))


def passed_over(path, response):
    """Django passes over a page size and a flag that are none, as it does over a filter that it does not know: the list
    is as if nothing had been said. Everything else in the query is in order."""
    query = sent_query(response)
    wrong = {name for name, value in query.items() if not in_order(name, value)}
    results = received_json(response).get("results")
    if response.status_code != 200 or not wrong or not wrong <= {"page_size", "lastActivity__isnull"}:
        return False
    return "page_size" not in wrong or len(results) <= LARGEST_PAGE[path]


def in_order(name, value):
    if name in ("page", "page_size"):
        return bool(INTEGER.fullmatch(value)) and int(value) > 0
    if name in ("lastActivity__lt", "start", "end"):
        return bool(INTEGER.fullmatch(value))
    if name == "lastActivity__isnull":
        return value in ("true", "false")
    return True


def without_the_id(path, response):
    """The spec says in words that `id` must be among the fields: no schema of a parameter and of a reply can."""
    fields = [field.strip() for field in sent_query(response).get("fields", "").split(",")]
    body = received_json(response)
    results = body.get("results", [body])
    return (
        response.status_code == 200
        and any(fields)
        and "id" not in fields
        and all(isinstance(result, dict) and set(result) <= set(fields) for result in results)
    )


def deletes_one(path, response):
    """The service has DELETE for a single device, and says so. Our spec leaves it out: nothing of ours sends it."""
    return response.status_code == 405 and response.headers.get("allow") == ["GET, DELETE"]


def takes_any_key(path, response):
    """The simulator makes tokens for any API key, unless it is told which one there is."""
    return response.status_code == 201 and bool(response.request.headers.get("x-ubidots-apikey"))


EXCUSES = {
    ("AcceptedNegativeData", BULK): bulk_header_is_there,
    ("AcceptedNegativeData", DEVICES): passed_over,
    ("AcceptedNegativeData", VARIABLES): passed_over,
    ("AcceptedNegativeData", VALUES): passed_over,
    ("JsonSchemaError", DEVICES): without_the_id,
    ("JsonSchemaError", DEVICE): without_the_id,
    ("JsonSchemaError", VARIABLES): without_the_id,
    ("AllowHeaderMismatch", DEVICE): deletes_one,
    ("IgnoredAuth", TOKEN): takes_any_key,
}


def sent_query(response):
    """The query as it was sent; of a parameter that is given twice, the last counts."""
    return dict(parse_qsl(urlsplit(response.request.url).query, keep_blank_values=True))


def sent_json(response):
    try:
        return json.loads(response.request.body)
    except (TypeError, ValueError):
        return None


def received_json(response):
    """The reply's JSON object; an empty one if it is none."""
    try:
        value = json.loads(response.content)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
