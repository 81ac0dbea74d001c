//! Kinds of change as edits of the page, and what must be found of each.

use fleetpurge_codegen::drift::Class::{self, Breaking, Widening, Wording};

/// One row: what happened, how the page was edited, and the changes that must be found, no more and no fewer.
/// `{POST}` stands for the path of the one operation, `{S}` for that of the shared schemas.
pub(crate) struct Row(
    pub(crate) &'static str,
    pub(crate) &'static [(&'static str, &'static str)],
    pub(crate) &'static [(Class, &'static str)],
);

pub(crate) const ROWS: &[Row] = &[
    // Requests.
    Row(
        "a lower limit of devices a request",
        &[(r#""maxItems":100"#, r#""maxItems":50"#)],
        &[(Breaking, "{S}.DeviceDeletionRequest.properties.devices.maxItems")],
    ),
    Row(
        "a higher limit of devices a request",
        &[(r#""maxItems":100"#, r#""maxItems":1000"#)],
        &[(Widening, "{S}.DeviceDeletionRequest.properties.devices.maxItems")],
    ),
    Row(
        "no limit of devices a request any more",
        &[(r#""maxItems":100,"#, "")],
        &[(Widening, "{S}.DeviceDeletionRequest.properties.devices.maxItems")],
    ),
    Row(
        "more devices needed in a request",
        &[(r#""minItems":1,"#, r#""minItems":2,"#)],
        &[(Breaking, "{S}.DeviceDeletionRequest.properties.devices.minItems")],
    ),
    Row(
        "an empty list of devices is allowed",
        &[(r#""minItems":1,"#, "")],
        &[(Widening, "{S}.DeviceDeletionRequest.properties.devices.minItems")],
    ),
    Row(
        "a further field of a device, required",
        &[
            (r#""required":["uid","name"]"#, r#""required":["uid","name","serial"]"#),
            (r#""minLength":1}}"#, r#""minLength":1},"serial":{"type":"string"}}"#),
        ],
        &[(Breaking, "{S}.DeviceEntry.properties.serial")],
    ),
    Row(
        "a further field of a device, optional",
        &[(r#""minLength":1}}"#, r#""minLength":1},"serial":{"type":"string"}}"#)],
        &[(Widening, "{S}.DeviceEntry.properties.serial")],
    ),
    Row(
        "a field of the request that is no longer required",
        &[(r#""required":["uid","name"]"#, r#""required":["uid"]"#)],
        &[(Widening, "{S}.DeviceEntry.required")],
    ),
    Row(
        "a field of the request that is gone",
        &[
            (r#""required":["uid","name"]"#, r#""required":["uid"]"#),
            (
                r#","name":{"description":"Name of the device as reported by the Nexthink Collector. Must not be blank.","type":"string","minLength":1}"#,
                "",
            ),
        ],
        &[(Breaking, "{S}.DeviceEntry.properties.name")],
    ),
    Row(
        "a field of the request that is renamed",
        &[
            (r#""required":["uid","name"]"#, r#""required":["uid","deviceName"]"#),
            (
                r#""name":{"description":"Name of the device as reported"#,
                r#""deviceName":{"description":"Name of the device as reported"#,
            ),
        ],
        &[
            (Breaking, "{S}.DeviceEntry.properties.deviceName"),
            (Breaking, "{S}.DeviceEntry.properties.name"),
        ],
    ),
    Row(
        "a field of the request of another type",
        &[(r#""type":"string","minLength":1"#, r#""type":"integer""#)],
        &[(Breaking, "{S}.DeviceEntry.properties.name.type")],
    ),
    Row(
        "a longer name is needed",
        &[(r#""minLength":1"#, r#""minLength":3"#)],
        &[(Breaking, "{S}.DeviceEntry.properties.name.minLength")],
    ),
    Row(
        "a name has a greatest length now",
        &[(r#""minLength":1"#, r#""minLength":1,"maxLength":64"#)],
        &[(Breaking, "{S}.DeviceEntry.properties.name.maxLength")],
    ),
    Row(
        "a name must match a pattern now",
        &[(r#""minLength":1"#, r#""minLength":1,"pattern":"^[A-Z]+$""#)],
        &[(Breaking, "{S}.DeviceEntry.properties.name.pattern")],
    ),
    Row(
        "a UID may have any format",
        &[(
            r#"than failing the whole batch.","type":"string","format":"uuid""#,
            r#"than failing the whole batch.","type":"string""#,
        )],
        &[(Widening, "{S}.DeviceEntry.properties.uid.format")],
    ),
    Row(
        "a UID of another format",
        &[(
            r#"than failing the whole batch.","type":"string","format":"uuid""#,
            r#"than failing the whole batch.","type":"string","format":"uri""#,
        )],
        &[(Breaking, "{S}.DeviceEntry.properties.uid.format")],
    ),
    Row(
        "a field of the request may be null",
        &[(r#""minLength":1"#, r#""minLength":1,"nullable":true"#)],
        &[(Widening, "{S}.DeviceEntry.properties.name.nullable")],
    ),
    Row(
        "a field of the request takes certain values only",
        &[(r#""minLength":1"#, r#""minLength":1,"enum":["a","b"]"#)],
        &[(Breaking, "{S}.DeviceEntry.properties.name.enum")],
    ),
    Row(
        "further properties of a request are refused",
        &[(
            r#"deletion.","type":"object","required""#,
            r#"deletion.","type":"object","additionalProperties":false,"required""#,
        )],
        &[(Breaking, "{S}.DeviceEntry.additionalProperties")],
    ),
    Row(
        "the body may be left out",
        &[(
            r#""The batch of devices to delete.","required":true"#,
            r#""The batch of devices to delete.""#,
        )],
        &[(Widening, "{POST}.requestBody.required")],
    ),
    Row(
        "a further media type of the request",
        &[(
            r#""required":true,"content":{"#,
            r#""required":true,"content":{"application/xml":{"schema":{"type":"object"}},"#,
        )],
        &[(Widening, "{POST}.requestBody.content['application/xml']")],
    ),
    Row(
        "another media type of the request",
        &[(
            r#""required":true,"content":{"application/json""#,
            r#""required":true,"content":{"application/cbor""#,
        )],
        &[
            (Breaking, "{POST}.requestBody.content['application/json']"),
            (Widening, "{POST}.requestBody.content['application/cbor']"),
        ],
    ),
    Row(
        "a parameter is required now",
        &[(r#""in":"header","required":false"#, r#""in":"header","required":true"#)],
        &[(
            Breaking,
            "{POST}.parameters[?@.name=='x-request-id' && @.in=='header'].required",
        )],
    ),
    Row(
        "a parameter is gone",
        &[(
            r#""name":"x-request-id","in":"header""#,
            r#""name":"x-correlation-id","in":"header""#,
        )],
        &[
            (Breaking, "{POST}.parameters[?@.name=='x-request-id' && @.in=='header']"),
            (
                Widening,
                "{POST}.parameters[?@.name=='x-correlation-id' && @.in=='header']",
            ),
        ],
    ),
    Row(
        "a further parameter, required",
        &[(
            r#""parameters":["#,
            r#""parameters":[{"name":"reason","in":"query","required":true,"schema":{"type":"string"}},"#,
        )],
        &[(Breaking, "{POST}.parameters[?@.name=='reason' && @.in=='query']")],
    ),
    Row(
        "a further parameter, optional",
        &[(
            r#""parameters":["#,
            r#""parameters":[{"name":"dryRun","in":"query","schema":{"type":"boolean"}},"#,
        )],
        &[(Widening, "{POST}.parameters[?@.name=='dryRun' && @.in=='query']")],
    ),
    Row(
        "a parameter's format is gone",
        &[(
            r#""schema":{"type":"string","format":"uuid"}"#,
            r#""schema":{"type":"string"}"#,
        )],
        &[(
            Widening,
            "{POST}.parameters[?@.name=='x-request-id' && @.in=='header'].schema.format",
        )],
    ),
    // Replies.
    Row(
        "a new status word",
        &[(
            r#""enum":["SCHEDULED","INVALID","FAILED"]"#,
            r#""enum":["SCHEDULED","INVALID","FAILED","QUEUED"]"#,
        )],
        &[(Widening, "{S}.DeviceStatus.properties.status.enum")],
    ),
    Row(
        "a status word is gone",
        &[(
            r#""enum":["SCHEDULED","INVALID","FAILED"]"#,
            r#""enum":["SCHEDULED","INVALID"]"#,
        )],
        &[(Breaking, "{S}.DeviceStatus.properties.status.enum")],
    ),
    Row(
        "a status word is replaced",
        &[(r#""enum":["ACCEPTED"]"#, r#""enum":["QUEUED"]"#)],
        &[
            (Breaking, "{S}.DeviceDeletionResponse.properties.status.enum"),
            (Widening, "{S}.DeviceDeletionResponse.properties.status.enum"),
        ],
    ),
    Row(
        "a new error code",
        &[(r#""EMPTY_TENANT","#, r#""EMPTY_TENANT","THROTTLED","#)],
        &[(Widening, "{S}.ErrorResponse.properties.code.enum")],
    ),
    Row(
        "an error code is gone",
        &[(r#""EMPTY_TENANT","#, "")],
        &[(Breaking, "{S}.ErrorResponse.properties.code.enum")],
    ),
    Row(
        "the list of error codes is open",
        &[(
            r#","enum":["EMPTY_REQUEST","BATCH_SIZE_EXCEEDED","INVALID_REQUEST","EMPTY_TENANT","FEATURE_NOT_ENABLED","INTERNAL_ERROR"]"#,
            "",
        )],
        &[(Widening, "{S}.ErrorResponse.properties.code.enum")],
    ),
    Row(
        "a further field of a reply",
        &[(r#""message":{"#, r#""source":{"type":"string"},"message":{"#)],
        &[(Widening, "{S}.ErrorResponse.properties.source")],
    ),
    Row(
        "a further field of a reply that is always there",
        &[
            (
                r#"responses.","type":"object","properties""#,
                r#"responses.","type":"object","required":["source"],"properties""#,
            ),
            (r#""message":{"#, r#""source":{"type":"string"},"message":{"#),
        ],
        &[(Widening, "{S}.ErrorResponse.properties.source")],
    ),
    Row(
        "a field of a reply is gone",
        &[(
            r#""uid":{"description":"UID of the device as submitted.","type":"string"},"#,
            "",
        )],
        &[(Breaking, "{S}.DeviceStatus.properties.uid")],
    ),
    Row(
        "a field of a reply of another type",
        &[(r#""type":"integer","format":"int32""#, r#""type":"string""#)],
        &[(Breaking, "{S}.DeviceDeletionResponse.properties.scheduledCount.type")],
    ),
    Row(
        "a wider number in a reply",
        &[(r#""format":"int32""#, r#""format":"int64""#)],
        &[(Breaking, "{S}.DeviceDeletionResponse.properties.scheduledCount.format")],
    ),
    Row(
        "a field of a reply is always there now",
        &[(
            r#"single device.","type":"object","properties""#,
            r#"single device.","type":"object","required":["uid"],"properties""#,
        )],
        &[(Widening, "{S}.DeviceStatus.required")],
    ),
    Row(
        "a field of a reply may be null",
        &[(
            r#""description":"UID of the device as submitted.","type":"string""#,
            r#""description":"UID of the device as submitted.","type":"string","nullable":true"#,
        )],
        &[(Breaking, "{S}.DeviceStatus.properties.uid.nullable")],
    ),
    Row(
        "a field of a reply may be null, said as OpenAPI 3.1 does",
        &[(
            r#""description":"UID of the device as submitted.","type":"string""#,
            r#""description":"UID of the device as submitted.","type":["string","null"]"#,
        )],
        &[(Breaking, "{S}.DeviceStatus.properties.uid.type")],
    ),
    Row(
        "the entries of a list in a reply are of another kind",
        &[(
            r##""items":{"$ref":"#/components/schemas/DeviceStatus"}"##,
            r#""items":{"type":"string"}"#,
        )],
        &[(Breaking, "{S}.DeviceDeletionResponse.properties.devices.items.type")],
    ),
    Row(
        "a further response",
        &[(r#""401":{"#, r#""429":{"description":"Too many requests."},"401":{"#)],
        &[(Widening, "{POST}.responses['429']")],
    ),
    Row(
        "a response is gone",
        &[(
            r#""401":{"description":"Unauthorized — the bearer token is missing or invalid."},"#,
            "",
        )],
        &[(Breaking, "{POST}.responses['401']")],
    ),
    Row(
        "a response with another status",
        &[(r#""202":{"#, r#""200":{"#)],
        &[
            (Breaking, "{POST}.responses['202']"),
            (Widening, "{POST}.responses['200']"),
        ],
    ),
    Row(
        "a response that had no body has one",
        &[(
            r#"missing or invalid."}"#,
            r##"missing or invalid.","content":{"application/json":{"schema":{"$ref":"#/components/schemas/ErrorResponse"}}}}"##,
        )],
        &[(Widening, "{POST}.responses['401'].content['application/json']")],
    ),
    Row(
        "a response with another schema",
        &[(
            r##"{"$ref":"#/components/schemas/DeviceDeletionResponse"}"##,
            r##"{"$ref":"#/components/schemas/ErrorResponse"}"##,
        )],
        &[
            (
                Breaking,
                "{POST}.responses['202'].content['application/json'].schema.properties.devices",
            ),
            (
                Breaking,
                "{POST}.responses['202'].content['application/json'].schema.properties.scheduledCount",
            ),
            (
                Breaking,
                "{POST}.responses['202'].content['application/json'].schema.properties.status",
            ),
            (
                Widening,
                "{POST}.responses['202'].content['application/json'].schema.properties.code",
            ),
            (
                Widening,
                "{POST}.responses['202'].content['application/json'].schema.properties.message",
            ),
            (
                Wording,
                "{POST}.responses['202'].content['application/json'].schema.description",
            ),
        ],
    ),
    Row(
        "a header of a response",
        &[(
            r#""headers":{}"#,
            r#""headers":{"Retry-After":{"schema":{"type":"string"}}}"#,
        )],
        &[(Widening, "{POST}.responses['202'].headers['Retry-After']")],
    ),
    // Endpoints and authentication.
    Row(
        "a further endpoint",
        &[(
            r#""paths":{"#,
            r#""paths":{"/api/v1/devices":{"get":{"operationId":"listDevices","responses":{"200":{"description":"ok"}}}},"#,
        )],
        &[(Widening, "$.paths['/api/v1/devices']")],
    ),
    Row(
        "a further method of an endpoint",
        &[(
            r#"deletions":{"post":{"#,
            r#"deletions":{"get":{"operationId":"listDeletions","responses":{"200":{"description":"ok"}}},"post":{"#,
        )],
        &[(Widening, "$.paths['/api/v1/data-management/device/deletions'].get")],
    ),
    Row(
        "an endpoint has moved",
        &[(
            "/api/v1/data-management/device/deletions\"",
            "/api/v2/data-management/device/deletions\"",
        )],
        &[
            (Breaking, "$.paths['/api/v1/data-management/device/deletions']"),
            (Widening, "$.paths['/api/v2/data-management/device/deletions']"),
        ],
    ),
    Row(
        "another method",
        &[(r#"deletions":{"post":{"#, r#"deletions":{"delete":{"#)],
        &[
            (Breaking, "{POST}"),
            (Widening, "$.paths['/api/v1/data-management/device/deletions'].delete"),
        ],
    ),
    Row(
        "another operation id",
        &[(
            r#""operationId":"deleteDevices""#,
            r#""operationId":"scheduleDeletions""#,
        )],
        &[(Breaking, "{POST}.operationId")],
    ),
    Row(
        "an operation is deprecated",
        &[(r#""operationId":"#, r#""deprecated":true,"operationId":"#)],
        &[(Widening, "{POST}.deprecated")],
    ),
    Row(
        "another server",
        &[(
            "https://instance.api.region.nexthink.cloud",
            "https://instance.api.nexthink.example",
        )],
        &[
            (
                Breaking,
                "$.servers[?@.url=='https://instance.api.region.nexthink.cloud']",
            ),
            (Widening, "$.servers[?@.url=='https://instance.api.nexthink.example']"),
        ],
    ),
    Row(
        "a new authentication scheme beside the old one",
        &[
            (
                r#""security":[{"bearerAuth":[]}]"#,
                r#""security":[{"bearerAuth":[]},{"apiKey":[]}]"#,
            ),
            (
                r#""securitySchemes":{"#,
                r#""securitySchemes":{"apiKey":{"type":"apiKey","in":"header","name":"x-key"},"#,
            ),
        ],
        &[
            (Breaking, "$.components.securitySchemes.apiKey"),
            (Breaking, "$.security"),
        ],
    ),
    Row(
        "another authentication scheme",
        &[(
            r#""type":"http","scheme":"bearer""#,
            r#""type":"http","scheme":"basic""#,
        )],
        &[(Breaking, "$.components.securitySchemes.bearerAuth.scheme")],
    ),
    Row(
        "a scope is needed",
        &[(
            r#""security":[{"bearerAuth":[]}]"#,
            r#""security":[{"bearerAuth":["delete"]}]"#,
        )],
        &[(Breaking, "$.security"), (Breaking, "$.security")],
    ),
    Row(
        "no authentication for one operation",
        &[(r#""operationId":"#, r#""security":[],"operationId":"#)],
        &[(Breaking, "{POST}.security")],
    ),
    Row(
        "another version of OpenAPI",
        &[(r#""openapi":"3.0.3""#, r#""openapi":"3.1.0""#)],
        &[(Breaking, "$.openapi")],
    ),
    Row(
        "a keyword that nobody here knows",
        &[(r#""minLength":1"#, r#""minLength":1,"contentEncoding":"base64""#)],
        &[(Breaking, "{S}.DeviceEntry.properties.name.contentEncoding")],
    ),
    // Wording.
    Row(
        "the description of a field",
        &[("Must not be blank.", "It must not be blank.")],
        &[(Wording, "{S}.DeviceEntry.properties.name.description")],
    ),
    Row(
        "a schema gets a title",
        &[(
            r#""DeviceStatus":{"description""#,
            r#""DeviceStatus":{"title":"Status","description""#,
        )],
        &[(Wording, "{S}.DeviceStatus.title")],
    ),
    Row(
        "an example",
        &[(r#""minLength":1"#, r#""minLength":1,"example":"PC-1""#)],
        &[(Wording, "{S}.DeviceEntry.properties.name.example")],
    ),
    Row(
        "the description of an operation, a parameter and a response",
        &[
            (
                "Schedule the deletion of one or more devices from the Nexthink inventory.\\n",
                "Schedules deletions.\\n",
            ),
            ("Optional client-supplied", "Client-supplied"),
            ("The request payload is invalid", "The payload is invalid"),
        ],
        &[
            (Wording, "{POST}.description"),
            (
                Wording,
                "{POST}.parameters[?@.name=='x-request-id' && @.in=='header'].description",
            ),
            (Wording, "{POST}.responses['400'].description"),
        ],
    ),
    Row(
        "the version and title of the API",
        &[
            (r#""version":"1.0.0""#, r#""version":"1.1.0""#),
            (r#""title":"Data Management API""#, r#""title":"Devices API""#),
        ],
        &[(Wording, "$.info.title"), (Wording, "$.info.version")],
    ),
    Row(
        "a tag and the summary",
        &[
            (
                r#""name":"device-deletions""#,
                r#""name":"device-deletions","description":"Deletes.""#,
            ),
            (r#""summary":"Schedule device deletions""#, r#""summary":"Schedule""#),
        ],
        &[(Wording, "$.tags"), (Wording, "{POST}.summary")],
    ),
    Row(
        "the hint at the format of a token",
        &[(r#","bearerFormat":"JWT""#, "")],
        &[(Wording, "$.components.securitySchemes.bearerAuth.bearerFormat")],
    ),
    Row(
        "a vendor extension",
        &[(r#""operationId":"#, r#""x-stability":"beta","operationId":"#)],
        &[(Wording, "{POST}['x-stability']")],
    ),
    Row(
        "a schema that is only renamed",
        &[("/DeviceEntry\"", "/Device\""), (r#""DeviceEntry":{"#, r#""Device":{"#)],
        &[(Wording, "{S}.Device"), (Wording, "{S}.DeviceEntry")],
    ),
    Row(
        "a schema that no operation uses",
        &[(r#""schemas":{"#, r#""schemas":{"Unused":{"type":"string"},"#)],
        &[(Wording, "{S}.Unused")],
    ),
    // Nothing.
    Row("the page as it is", &[], &[]),
    Row(
        "prose around the document",
        &[("# Schedule device deletions", "# Deleting devices")],
        &[],
    ),
    Row(
        "a default that is written out",
        &[
            (
                r#""minLength":1"#,
                r#""minLength":1,"nullable":false,"deprecated":false"#,
            ),
            (r#""required":false,"#, ""),
        ],
        &[],
    ),
    Row(
        "the order of the required fields and of the words",
        &[
            (r#"["uid","name"]"#, r#"["name","uid"]"#),
            (
                r#"["SCHEDULED","INVALID","FAILED"]"#,
                r#"["FAILED","SCHEDULED","INVALID"]"#,
            ),
        ],
        &[],
    ),
    Row(
        "a reference written out",
        &[(
            r##""schema":{"$ref":"#/components/schemas/DeviceDeletionRequest"}"##,
            r##""schema":{"description":"Batch of devices to be deleted from the Nexthink inventory.","type":"object","required":["devices"],"properties":{"devices":{"description":"Non-empty list of devices to delete. The maximum number of devices per request is 100 (configurable per deployment). Split larger deletions into multiple requests.","type":"array","minItems":1,"maxItems":100,"items":{"$ref":"#/components/schemas/DeviceEntry"}}}}"##,
        )],
        &[],
    ),
    Row(
        "the authentication of all said once more for one operation",
        &[(r#""operationId":"#, r#""security":[{"bearerAuth":[]}],"operationId":"#)],
        &[],
    ),
    Row(
        "a header's name in capitals",
        &[(r#""name":"x-request-id""#, r#""name":"X-Request-Id""#)],
        &[],
    ),
    Row(
        "a limit written as 100.0",
        &[(r#""maxItems":100"#, r#""maxItems":100.0"#)],
        &[],
    ),
];
