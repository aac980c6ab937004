"""The part of AsyncAPI 3.0.0 that our document uses, closed: what is not named here is a fault.

Written after the specification. A message's payload is JSON Schema, which has a metaschema of its
own.
"""

from typing import Any

Json = dict[str, Any]


def _closed(required: str, optional: str = "", /, **properties: Json) -> Json:
    known = {
        name: properties.get(name, {"type": "string"}) for name in f"{required} {optional}".split()
    }
    return {
        "type": "object",
        "required": required.split(),
        "properties": known,
        "patternProperties": {r"^x-[\w.-]+$": True},
        "additionalProperties": False,
    }


def _reference(pattern: str) -> Json:
    of_its_kind = {"type": "string", "pattern": f"^#/{pattern}$"}
    return _closed("$ref", **{"$ref": of_its_kind})


def _each(value: Json) -> Json:
    named = {"pattern": r"^[A-Za-z0-9_.-]+$"}
    return {"type": "object", "minProperties": 1, "propertyNames": named,
            "additionalProperties": value}  # fmt: skip


_SCHEMA: Json = {"$ref": "https://json-schema.org/draft/2020-12/schema"}
_MESSAGE = _closed("name payload", "summary title contentType", payload=_SCHEMA)
_CHANNEL = _closed(
    "address messages",
    "bindings parameters",
    parameters=_each(_closed("description")),
    messages=_each(_reference("components/messages/.+")),
    bindings=_each({"type": "object"}),
)
#: An operation names messages of its channel, never those of the components.
_OPERATION = _closed(
    "action channel messages",
    action={"enum": ["send", "receive"]},
    channel=_reference("channels/[^/]+"),
    messages={
        "type": "array",
        "minItems": 1,
        "uniqueItems": True,
        "items": _reference("channels/[^/]+/messages/.+"),
    },
)

DOCUMENT: Json = _closed(
    "asyncapi info channels operations components",
    "defaultContentType",
    asyncapi={"const": "3.0.0"},
    info=_closed("title version", "description"),
    channels=_each(_CHANNEL),
    operations=_each(_OPERATION),
    components=_closed("messages schemas", messages=_each(_MESSAGE), schemas=_each(_SCHEMA)),
)
