//! Both rules, over made-up specs.

use serde_json::json;

use serde_json::Value;

use super::*;

fn dropped(mut spec: Value) -> (Value, Vec<String>) {
    let dropped = apply(&mut spec).iter().map(|of| of.place.clone()).collect();
    (spec, dropped)
}

fn with_schemas(schemas: &Value) -> Value {
    json!({
        "paths": {"/a": {"post": {
            "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Asked"}}}},
            "responses": {
                "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Answered"}}}},
                "default": {"$ref": "#/components/responses/Broken"}
            }
        }}},
        "components": {
            "responses": {"Broken": {"content": {"application/json": {"schema": {
                "type": "object", "properties": {"code": {"type": "string", "enum": ["A"]}}
            }}}}},
            "schemas": schemas
        }
    })
}

#[test]
fn a_schema_of_replies_loses_what_would_lose_a_reply_and_one_of_requests_keeps_it() {
    let demands = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["id"],
        "properties": {
            "id": {"type": "string", "format": "uuid", "minLength": 1, "pattern": "^x"},
            "format": {"type": "string", "enum": ["pdf"]},
            "items": {"type": "array", "items": {"type": "integer", "format": "int32", "maximum": 9}, "uniqueItems": true, "maxItems": 3},
            "count": {"type": "number", "default": 0, "exclusiveMinimum": true},
            "secret": {"type": "string", "format": "password"},
            "others": {"type": "string", "not": {"enum": ["A"]}},
            "large": {"type": "integer", "format": "uint64", "minimum": 0},
            "either": {"oneOf": [{"type": "string", "maxLength": 2}, {"type": "integer", "multipleOf": 2}]},
            "example": {"type": "object", "example": {"enum": [1], "format": "x"}}
        }
    });
    let spec = with_schemas(&json!({"Asked": demands.clone(), "Answered": demands.clone(), "Unused": demands.clone()}));
    let (spec, dropped) = dropped(spec);
    let schemas = &spec["components"]["schemas"];
    assert_eq!((&schemas["Asked"], &schemas["Unused"]), (&demands, &demands));
    assert_eq!(
        schemas["Answered"],
        json!({
            "type": "object",
            "required": ["id"],
            "properties": {
                "id": {"type": "string"},
                "format": {"type": "string"},
                "items": {"type": "array", "items": {"type": "integer"}},
                "count": {"type": "number"},
                "secret": {"type": "string", "format": "password"},
                "others": {"type": "string"},
                "large": {"type": "integer", "format": "uint64"},
                "either": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
                "example": {"type": "object", "example": {"enum": [1], "format": "x"}}
            }
        })
    );
    assert_eq!(dropped.len(), 16, "{dropped:#?}");
    assert!(dropped.contains(&"/components/schemas/Answered/properties/format/enum".to_owned()));
    assert!(
        dropped
            .contains(&"/components/responses/Broken/content/application~1json/schema/properties/code/enum".to_owned())
    );
}

#[test]
fn a_schema_that_a_request_reaches_by_any_way_keeps_its_demands() {
    let strict = json!({"type": "string", "enum": ["A"]});
    for asked in [
        json!({"$ref": "#/components/schemas/Shared"}),
        json!({"type": "array", "items": {"$ref": "#/components/schemas/Shared"}}),
        json!({"allOf": [{"type": "object"}, {"$ref": "#/components/schemas/Shared"}]}),
        json!({"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Shared"}}),
        json!({"type": "object", "properties": {"x": {"$ref": "#/components/schemas/Between"}}}),
    ] {
        let spec = with_schemas(&json!({
            "Asked": asked,
            "Between": {"type": "object", "properties": {"y": {"$ref": "#/components/schemas/Shared"}}},
            "Shared": strict.clone(),
            "Answered": {"$ref": "#/components/schemas/Shared"}
        }));
        let (spec, _) = dropped(spec);
        assert_eq!(spec["components"]["schemas"]["Shared"], strict);
    }
    // By a parameter of the path, by reference.
    let mut spec = with_schemas(&json!({
        "Asked": {"type": "object"}, "Shared": strict.clone(), "Answered": {"$ref": "#/components/schemas/Shared"}
    }));
    spec["paths"]["/a"]["parameters"] = json!([{"$ref": "#/components/parameters/P"}]);
    spec["components"]["parameters"] =
        json!({"P": {"name": "p", "in": "query", "schema": {"$ref": "#/components/schemas/Shared"}}});
    assert_eq!(dropped(spec).0["components"]["schemas"]["Shared"], strict);
}

#[test]
fn schemas_that_refer_to_each_other_are_walked_once() {
    let tree = json!({"type": "object", "properties": {
        "word": {"type": "string", "enum": ["A"]}, "children": {"type": "array", "items": {"$ref": "#/components/schemas/Answered"}}
    }});
    let (_, dropped) = dropped(with_schemas(&json!({"Asked": {"type": "object"}, "Answered": tree})));
    assert!(dropped.contains(&"/components/schemas/Answered/properties/word/enum".to_owned()));
    assert_eq!(dropped.len(), 2, "the other is of an error");
}

#[test]
fn an_error_without_a_body_goes_only_where_another_has_one() {
    let body = json!({"description": "", "content": {"application/json": {"schema": {"type": "object"}}}});
    let bare = json!({"description": ""});
    let spec = json!({
        "paths": {
            "/both": {"get": {"responses": {"200": bare, "400": body, "401": bare, "404": {"$ref": "#/components/responses/Bare"}, "5XX": body, "default": bare}}},
            "/bare": {"get": {"responses": {"200": body, "401": bare}}},
            "/default": {"get": {"responses": {"200": body, "401": bare, "default": bare}}},
            "/no_body": {"get": {"responses": {"204": bare, "401": bare, "default": bare}}}
        },
        "components": {"responses": {"Bare": bare}}
    });
    let (spec, dropped) = dropped(spec);
    assert_eq!(
        dropped,
        [
            "/paths/~1both/get/responses/401",
            "/paths/~1both/get/responses/404",
            "/paths/~1both/get/responses/default",
            // The success has a body.
            "/paths/~1default/get/responses/default"
        ]
    );
    let left = |path: &str| spec["paths"][path]["get"]["responses"].as_object().unwrap().len();
    assert_eq!(["/both", "/bare", "/default", "/no_body"].map(left), [3, 2, 2, 3]);
}
