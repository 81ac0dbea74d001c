//! Turns a published OpenAPI document and an overlay into the committed source of a raw client.
