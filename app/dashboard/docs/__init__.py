"""The API as a page, made from its OpenAPI document."""
